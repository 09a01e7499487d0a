"""What check.py needs around its checks: the page under test, a server for it, and a browser."""

import base64
import hashlib
import http.server
import json
import re
import shutil
import threading
import time

from selenium import webdriver

# The reader of the tests lives here, so that times which stay in UTC are noticed.
ZONE = "Asia/Kolkata"
WAIT_SECONDS = 10


def data_of(page):
    """The JSON in a page."""
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def policy_of(page):
    """The Content-Security-Policy that lets in the one style and the one script of a page, and nothing else."""
    def digest(tag):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return (f"default-src 'none'; style-src 'sha256-{digest('style')}'; script-src 'sha256-{digest('script')}'; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'")


class Site(http.server.ThreadingHTTPServer):
    """Serves a page at / and its data at /data, on this machine only."""

    def __init__(self, page, refresh_seconds=None):
        super().__init__(("127.0.0.1", 0), Handler)
        if refresh_seconds is not None:
            page = page.replace("<html", f'<html data-refresh="/data" data-refresh-seconds="{refresh_seconds}"', 1)
        self.page = page
        self.data = data_of(page)
        self.is_failing = False
        self.times_asked = 0
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers for a Site."""

    def do_GET(self):
        if self.path == "/":
            self.answer(200, "text/html; charset=utf-8", self.server.page)
        elif self.path == "/data":
            self.server.times_asked += 1
            self.answer(503 if self.server.is_failing else 200, "application/json", json.dumps(self.server.data))
        else:
            self.answer(204, "text/plain", "")

    def answer(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy_of(self.server.page))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing: the checks do."""


class Browser(webdriver.Chrome):
    """The system's Chromium, without a window."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        super().__init__(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        self.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ZONE})

    def resize(self, width, height=900):
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                             {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def emulate(self, media="screen", scheme="light", motion="no-preference"):
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": motion}
        self.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": media, "features": [{"name": name, "value": value} for name, value in features.items()]})

    def run(self, script, *arguments):
        """Runs a script that may use visible(), tell() and those below."""
        return self.execute_script(HELPERS + script, *arguments)

    def wait_for(self, script, *arguments, seconds=WAIT_SECONDS):
        """Whether a script comes to return something true."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.run(script, *arguments):
                return True
            time.sleep(0.1)
        return False

    def screenshot_of_all(self, path, height_max=8000):
        """Writes a picture of the whole page, however tall it is up to a limit."""
        width, height = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        picture = self.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": width, "height": min(height, height_max), "scale": 1}})
        path.write_bytes(base64.b64decode(picture["data"]))

    def complaints(self):
        """What is new in the console, violations of the policy among it."""
        return [entry["message"] for entry in self.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


HELPERS = r"""
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const visible = element => element.checkVisibility({visibilityProperty: true}) && element.getClientRects().length > 0;
// A few words by which somebody finds an element.
const tell = element => `<${element.localName}${element.id && '#' + element.id}${
  element.className && '.' + String(element.className).trim().replaceAll(' ', '.')}> ${
  (element.textContent || element.getAttribute('aria-label') || '').trim().replace(/\s+/g, ' ').slice(0, 40)}`;
const CONTROLS = 'a[href], button, input, select, summary, [tabindex="0"]';
"""

# Elements whose text has less contrast than the argument. Colours are laid over what is behind them, as painted.
FAINT_TEXT = r"""
const parse = color => {
  const [red, green, blue, alpha = 1] = color.match(/[0-9.]+/g).map(Number);
  return color.startsWith('color(') ? [255 * red, 255 * green, 255 * blue, alpha] : [red, green, blue, alpha];
};
const over = (top, below) => [0, 1, 2].map(i => top[3] * top[i] + (1 - top[3]) * below[i]).concat(1);
const luminance = color => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
  const part = color[i] / 255;
  return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
}, 0);
const behind = element => {
  const own = parse(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own : over(own, element.parentElement ? behind(element.parentElement) : [255, 255, 255, 1]);
};
const ratioOf = (element, style) => {
  const below = behind(element);
  const [light, dark] = [over(parse(style.color), below), below].map(luminance).sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};
const isWritten = element => element.matches('input:not([type=range]), select')
  || [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
const styles = element => ['::before', '::after'].map(pseudo => getComputedStyle(element, pseudo))
  .filter(style => style.content !== 'none' && /[a-z↑↓]/i.test(style.content) && style.opacity !== '0')
  .concat(isWritten(element) ? getComputedStyle(element) : []);
return all('body, body *').filter(visible).flatMap(element => styles(element).map(style => ratioOf(element, style))
  .filter(ratio => ratio < arguments[0]).map(ratio => `${ratio.toFixed(2)}:1 at ${tell(element)}`));
"""
