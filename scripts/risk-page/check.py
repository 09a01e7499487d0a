#!/usr/bin/env python3
"""Checks the risk page in a real browser: the system's Chromium and chromedriver, driven by selenium.

    check.py FILE-OR-URL [--screens FOLDER] [--refresh] [--change COMMAND]

A file is served on 127.0.0.1 under the Content-Security-Policy of its own style and script; a URL is opened as it is.
With --refresh a file that has incidents is served once more, as a page that asks for new data: they change, the server
fails for a while, and the tab is hidden. With --change COMMAND a command that records something charged is run while a URL is
open, and the page has to show it. Prints a line for every check and exits with 1 if one found something wrong.
"""

import argparse
import copy
import pathlib
import subprocess
import sys
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from page_checks import CHECKS
from served import Browser, Site, data_of

# Name, width and colour scheme of the pictures.
SCREENS = (("light", 1400, "light"), ("dark", 1400, "dark"), ("narrow", 360, "light"), ("narrow-dark", 360, "dark"))
REFRESH_SECONDS = 1


class Report:
    """Prints what the checks found and counts it."""

    def __init__(self):
        self.passed = self.failed = 0

    def add(self, title, problems):
        problems = list(problems)
        print(f"{'FAIL' if problems else 'ok  '} {title}", *problems, sep="\n       ", flush=True)
        self.passed += not problems
        self.failed += bool(problems)


def check_page(browser, url, report):
    """All checks of one page, each on a fresh load."""
    for check in CHECKS:
        browser.emulate()
        browser.resize(1400)
        browser.get(url)
        data = browser.run("return JSON.parse(document.getElementById('data').textContent)")
        report.add(check.__doc__, [*check(browser, data), *browser.complaints()])


def take_screens(browser, url, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    for kind, width, scheme in SCREENS:
        browser.emulate(scheme=scheme)
        browser.resize(width)
        browser.get(url)
        browser.screenshot_of_all(folder / f"{name}-{kind}.png")
        browser.run("document.querySelector('article details')?.setAttribute('open', '')")
        browser.wait_for("return all('article details[open]').every(d => d.querySelector('table'))")
        browser.screenshot_of_all(folder / f"{name}-{kind}-evidence.png", height_max=3000)


# Refresh


def changed(data):
    """Later data: one more incident and event on top, other numbers, and the second user ahead of the first."""
    data = copy.deepcopy(data)
    data["totals"]["score"] += 1234
    data["totals"]["incidents"] += 1
    incident, event = copy.deepcopy(data["incidents"][0]), copy.deepcopy(data["events"][0])
    data["incidents"].insert(0, {**incident, "id": "later", "riskObject": "mallory", "score": 999})
    data["events"].insert(0, {**event, "id": "later"})
    data["riskObjects"][-1]["score"] += 5000
    return data


def prepare(browser):
    """Leaves traces of a reader: open evidence, a filter, another order, focus and scroll on the last summary."""
    browser.find_element(By.ID, "filter-text").send_keys("pod")
    browser.find_element(By.CSS_SELECTOR, "[data-sort=events]").send_keys(Keys.ENTER)
    summary = browser.find_elements(By.CSS_SELECTOR, "article:not(.folded) summary")[-1]
    browser.run("arguments[0].focus()", summary)
    summary.send_keys(Keys.ENTER)
    browser.wait_for("return arguments[0].parentElement.querySelector('tbody tr')", summary)
    browser.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", summary)
    browser.run("window.reader = arguments[0]", summary)
    # The keys made the browser scroll as well, smoothly.
    browser.wait_for("const top = reader.getBoundingClientRect().top; const isStill = window.readerTop === top;"
                     "window.readerTop = top; return isStill")


def lost_traces(browser):
    """What a refresh took away from the reader."""
    traces = browser.run("""return {
        'the page was loaded again': !window.reader,
        'the focus is elsewhere': document.activeElement !== window.reader,
        'the evidence was closed': !window.reader?.parentElement.open
            || !window.reader.parentElement.querySelector('tbody tr'),
        'the filter is gone': document.getElementById('filter-text').value !== 'pod',
        'the filter does not hold': all('#events-list tr').some(row => !row.textContent.toLowerCase().includes('pod')),
        'the order is gone': document.querySelector('[aria-sort=descending] button')?.dataset.sort !== 'events',
        'the page scrolled': Math.abs(window.reader?.getBoundingClientRect().top - window.readerTop) > 2,
    }""")
    return [text for text, is_lost in traces.items() if is_lost]


def live_status(browser, text):
    return browser.wait_for("return document.getElementById('live').textContent.includes(arguments[0])", text)


def check_change(browser, site):
    """New data are shown without a reload, and nothing is taken from the reader."""
    prepare(browser)
    before = browser.find_element(By.ID, "score").text
    site.data = changed(site.data)
    if not browser.wait_for("return document.getElementById('score').textContent !== arguments[0]", before):
        yield "the score does not change"
    if not browser.run("return document.querySelector('article').textContent.includes('mallory')"):
        yield "the new incident is not on top"
    if not live_status(browser, "Updated"):
        yield "nothing says when it was updated"
    yield from lost_traces(browser)


def check_failure(browser, site):
    """A server that fails is told, and told to be back."""
    site.is_failing = True
    if not live_status(browser, "Cannot reach the server, retrying"):
        yield "nothing says that the server cannot be reached"
    if not browser.wait_for("return document.getElementById('announcement').textContent.includes('Cannot reach')"):
        yield "screen readers are not told"
    yield from lost_traces(browser)
    site.is_failing = False
    if not live_status(browser, "Updated"):
        yield "nothing says that the server is back"
    browser.complaints()  # The browser's own words on the failed requests.


def check_hidden(browser, site):
    """A hidden tab asks for nothing; shown again it asks at once."""
    show_as = ("Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});"
               "document.dispatchEvent(new Event('visibilitychange'))")
    browser.run(show_as, True)
    time.sleep(REFRESH_SECONDS)  # A request may be under way.
    before = site.times_asked
    time.sleep(3 * REFRESH_SECONDS)
    if site.times_asked != before:
        yield f"asked {site.times_asked - before} times while hidden"
    browser.run(show_as, False)
    time.sleep(REFRESH_SECONDS / 2)
    if site.times_asked == before:
        yield "does not ask when it is shown again"


def check_refresh(browser, page, report):
    site = Site(page, REFRESH_SECONDS)
    browser.emulate()
    browser.resize(1400)
    browser.get(site.url)
    for check in (check_change, check_failure, check_hidden):
        report.add(check.__doc__, [*check(browser, site), *browser.complaints()])
    site.shutdown()


def check_served_change(browser, url, command):
    """A served page shows what is recorded meanwhile, without a reload."""
    browser.get(url)
    before = browser.find_element(By.ID, "score").text
    browser.run("window.isLoadedOnce = true")
    subprocess.run(command, shell=True, check=True)
    if not browser.wait_for("return document.getElementById('score').textContent !== arguments[0]", before, seconds=60):
        yield "the score does not change"
    if not browser.run("return window.isLoadedOnce"):
        yield "the page was loaded again"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", metavar="FILE-OR-URL")
    parser.add_argument("--screens", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--refresh", action="store_true")
    parser.add_argument("--change", metavar="COMMAND")
    arguments = parser.parse_args()
    is_url = arguments.target.startswith(("http://", "https://"))
    page = None if is_url else pathlib.Path(arguments.target).read_text(encoding="utf-8")
    if arguments.refresh and (is_url or not data_of(page)["incidents"]):
        parser.error("--refresh needs a file with incidents")
    url = arguments.target if is_url else Site(page).url
    report = Report()
    with Browser() as browser:
        check_page(browser, url, report)
        if arguments.refresh:
            check_refresh(browser, page, report)
        if arguments.change:
            report.add(check_served_change.__doc__,
                       [*check_served_change(browser, url, arguments.change), *browser.complaints()])
        if arguments.screens:
            take_screens(browser, url, arguments.screens, "page" if is_url else pathlib.Path(arguments.target).stem)
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
