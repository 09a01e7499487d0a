"""What has to be true of a risk page. Each check yields, in words, what is wrong."""

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from served import FAINT_TEXT, ZONE

WIDTHS = (360, 768, 1400)
CONTRAST_MIN = 4.5
SHIFT_MAX = 0.01
# What the page is made of; any other element would come out of the data.
TAGS = set("""a article b bdi body button caption code dd details div dl dt footer h1 h2 h3 header i input label li main
    nav noscript option p path script section select small span summary svg table tbody td template th thead time tr ul
    wbr""".split())


def open_all(browser):
    browser.run("for (const details of all('details')) details.open = true;")
    browser.wait_for("return all('article details').every(details => details.querySelector('table'))")


def press(browser, *keys):
    browser.switch_to.active_element.send_keys(*keys)


# Each check finds the page just loaded, 1400 pixels wide, in light.


def check_structure(browser, data):
    """Landmarks, headings and names."""
    for landmark in ("body > header", "main", "body > footer", "nav[aria-label]"):
        found = browser.run("return all(arguments[0]).length", landmark)
        if found != 1:
            yield f"{found} × {landmark}, should be 1"
    if browser.run("return document.documentElement.lang") != "en" or not browser.title:
        yield "no language or no title"
    for section in browser.run("return all('section').map(s => document.getElementById("
                               "s.getAttribute('aria-labelledby'))?.textContent ?? '')"):
        if not section:
            yield "a section without a name"
    levels = browser.run("return all('h1, h2, h3, h4, h5, h6').filter(visible).map(h => Number(h.localName[1]))")
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"headings start with {levels[:2]}, should be one h1"
    yield from (f"h{lower} right below h{upper}" for upper, lower in zip(levels, levels[1:]) if lower > upper + 1)
    for control in browser.run("return all('input, select').filter(e => !e.labels.length && !e.ariaLabel).map(tell)"):
        yield f"no label: {control}"
    target = browser.run("return document.querySelector('.skip').hash.slice(1)")
    if not browser.run("return document.getElementById(arguments[0])", target):
        yield "the skip link leads nowhere"


def check_tables(browser, data):
    """Every table has a caption and headings."""
    open_all(browser)
    for table in browser.run("return all('table').filter(t => !t.caption?.textContent.trim()"
                             " || !t.tHead || all('thead th', t).some(th => th.scope !== 'col')).map(tell)"):
        yield f"no caption or no headings: {table}"


def check_width(browser, data):
    """Nothing makes the page scroll sideways or sticks out of it."""
    open_all(browser)
    for width in WIDTHS:
        browser.resize(width)
        wide = browser.run("return document.documentElement.scrollWidth")
        if wide > width:
            yield f"{wide} pixels wide on a screen of {width}"
        for element in browser.run("return all('main *').filter(e => visible(e) && !e.closest('svg, thead')"
                                   " && e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(tell)"):
            yield f"sticks out at {width}: {element}"
    browser.resize(1400)


def check_keyboard(browser, data):
    """Tab reaches everything, in the order of the page, and one sees where it is."""
    for width in (360, 1400):
        browser.resize(width)
        browser.refresh()
        wanted = browser.run("return all(CONTROLS).filter(e => visible(e) && e.tabIndex === 0)")
        reached = []
        for _ in wanted:
            press(browser, Keys.TAB)
            reached.append(browser.switch_to.active_element)
            if not browser.run("const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement);"
                               "return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2"):
                yield f"focus cannot be seen: {browser.run('return tell(document.activeElement)')}"
        for control in wanted:
            if control not in reached:
                yield f"Tab does not reach: {browser.run('return tell(arguments[0])', control)}"
        if reached != wanted:
            yield f"the order of Tab is not that of the page at {width} pixels"


def check_evidence(browser, data):
    """Evidence opens and closes by keyboard, derived objects below the request they come from."""
    for summary in [summary for summary in browser.find_elements(By.CSS_SELECTOR, "summary") if summary.is_displayed()][:5]:
        browser.run("arguments[0].focus()", summary)
        summary.send_keys(Keys.ENTER)
        if not browser.wait_for("return arguments[0].parentElement.open"
                                 " && arguments[0].parentElement.querySelector('tbody tr')", summary):
            yield f"Enter does not open: {summary.text}"
        summary.send_keys(Keys.SPACE)
        if not browser.wait_for("return !arguments[0].parentElement.open", summary):
            yield f"Space does not close: {summary.text}"
    open_all(browser)
    shown = browser.run("return Object.fromEntries(all('article').map(card => [card.dataset.key,"
                        " all('tbody', card).map(group => all('tr', group).map(row => row.dataset.key ?? null))]))")
    for incident in data["incidents"]:
        groups = {}
        for event in incident["evidence"]:
            groups.setdefault(event["rootEvent"] or event["id"], []).append(event["id"])
        ids = {event["id"] for event in incident["evidence"]}
        wanted = [[root if root in ids else None] + [event for event in group if event != root]
                  for root, group in groups.items()]
        if shown.get(incident["id"]) != wanted:
            yield f"the evidence of {incident['id']} is not grouped by its root events"


def check_sorting(browser, data):
    """The headings of the users sort, both ways, by keyboard."""
    values = ("return all('#users-list tr').map(row => row.cells[arguments[0]]).map(cell => cell.querySelector('time')"
              "?.dateTime ?? (arguments[0] ? Number(cell.textContent.replaceAll(',', '')) : cell.textContent))")
    for button in browser.find_elements(By.CSS_SELECTOR, "th button"):
        if not button.is_displayed():
            continue
        heading = button.find_element(By.XPATH, "..")
        directions = set()
        for key in (Keys.ENTER, Keys.SPACE):
            browser.run("arguments[0].focus()", button)
            press(browser, key)
            direction = heading.get_attribute("aria-sort")
            directions.add(direction)
            column = browser.run(values, browser.run("return arguments[0].cellIndex", heading))
            ascending = browser.run("return arguments[0].toSorted((a, b) => typeof a === 'string'"
                                    " ? a.localeCompare(b, 'en') : a - b)", column)
            if column != (ascending if direction == "ascending" else ascending[::-1]):
                yield f"{button.text} says {direction} and is not"
        if directions != {"ascending", "descending"}:
            yield f"{button.text} does not turn around: {directions}"
        if browser.run("return all('[aria-sort$=ending]').length") != 1:
            yield "more than one heading says it sorts"


def check_filters(browser, data):
    """The events can be filtered by text and by decision, and an empty list says so."""
    if not data["events"]:
        if browser.run("return visible(document.getElementById('filters'))"):
            yield "filters without events"
        return
    rows = "return all('#events-list tr').map(row => [row.dataset.key, row.innerText.toLowerCase()])"
    text, choice = browser.find_element(By.ID, "filter-text"), browser.find_element(By.ID, "filter-decision")
    total = len(browser.run(rows))
    word = browser.run("return document.querySelector('#events-list .object b').textContent").split("[")[0][:12]
    text.send_keys(word)
    found = browser.run(rows)
    if not found or any(all(part not in row for part in word.lower().split()) for _, row in found if row):
        yield f"the filter for {word!r} shows other events, or none"
    text.clear()
    text.send_keys("no such thing anywhere")
    if browser.run(rows) or not browser.run("return visible(document.getElementById('events-empty'))"):
        yield "a filter that matches nothing leaves events, or says nothing"
    text.clear()
    text.send_keys(" ", Keys.BACKSPACE)
    for decision in ("deny", "warn", "allow"):
        browser.run("arguments[0].focus()", choice)
        press(browser, Keys.ARROW_DOWN)
        wanted = [event["id"] for event in data["events"] if event["decision"] == decision]
        if [key for key, _ in browser.run(rows)] != wanted:
            yield f"the filter for {decision} shows other events"
    browser.run("arguments[0].value = ''; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", choice)
    if len(browser.run(rows)) != total:
        yield "without a filter there are fewer events than at first"


def check_timeline(browser, data):
    """The timeline tells its numbers to the pointer and to the keyboard."""
    if not data["totals"]["events"]:
        if not browser.run("return visible(document.getElementById('buckets-empty'))"):
            yield "an empty timeline does not say so"
        return
    moment = browser.find_element(By.ID, "moment")
    browser.run("arguments[0].focus()", moment)
    said = [moment.get_attribute("aria-valuetext")]
    for key in (Keys.ARROW_LEFT, Keys.HOME):
        moment.send_keys(key)
        said.append(moment.get_attribute("aria-valuetext"))
        if not browser.find_element(By.ID, "tip").is_displayed():
            yield "no tooltip while the timeline has the focus"
    if len(set(said)) != min(3, len(data["timeline"]["buckets"])):
        yield f"the arrow keys do not move along the timeline: {said}"
    browser.run("arguments[0].blur()", moment)
    if browser.find_element(By.ID, "tip").is_displayed():
        yield "the tooltip stays"


def check_contrast(browser, data):
    """Text reaches 4.5:1 against what is behind it, in light and dark."""
    open_all(browser)
    browser.run("document.getElementById('moment').focus()")
    for scheme in ("light", "dark"):
        for width in (360, 1400):
            browser.resize(width)
            browser.emulate(scheme=scheme)
            yield from (f"{scheme}: {text}" for text in browser.run(FAINT_TEXT, CONTRAST_MIN)[:5])


def check_times(browser, data):
    """Times are in the reader's zone, and say what they are in UTC."""
    for text, stamp, title in browser.run("return all('time').map(t => [t.textContent, t.dateTime, t.title])"):
        utc = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
        if utc.astimezone(ZoneInfo(ZONE)).strftime("%H:%M") not in text:
            yield f"{stamp} is shown as {text}"
        if title != utc.strftime("%Y-%m-%d %H:%M:%S UTC"):
            yield f"{stamp} has the title {title}"


def check_names(browser, data):
    """No name became markup, ran, or hides characters."""
    open_all(browser)
    for element in browser.run("return all('body, body *').filter(e => !arguments[0].includes(e.localName) ||"
                               " e.getAttributeNames().some(name => name.startsWith('on'))).map(tell)", sorted(TAGS)):
        yield f"unexpected: {element}"
    if browser.run("return window.hacked || all('script').length !== 2"):
        yield "a name was run as a script"
    shown = browser.run("return document.querySelector('main').textContent")
    hidden = {f"U+{ord(char):04X}" for char in shown if unicodedata.category(char) == "Cf"}
    if hidden:
        yield f"characters that hide or reorder text: {sorted(hidden)}"
    for user in data["riskObjects"]:
        if user["riskObject"].isprintable() and user["riskObject"] not in shown:
            yield f"a user is missing: {user['riskObject']!r}"


def check_calm(browser, data):
    """Nothing is fetched by a file, nothing shifts while it loads, and nothing moves for those who want that."""
    if browser.run("return !document.documentElement.dataset.refresh && performance.getEntriesByType('resource')"
                   ".filter(entry => !entry.name.endsWith('/favicon.ico')).length"):
        yield "the page fetches something"
    shift = browser.execute_async_script("const done = arguments[0]; let sum = 0; new PerformanceObserver(list => list."
                                         "getEntries().forEach(entry => sum += entry.value)).observe({type: "
                                         "'layout-shift', buffered: true}); setTimeout(() => done(sum), 200)")
    if shift > SHIFT_MAX:
        yield f"the layout shifts by {shift:.3f}"
    browser.emulate(motion="reduce")
    for element in browser.run("return all('*').filter(e => !/^0s(, 0s)*$/.test(getComputedStyle(e).transitionDuration)"
                               " || getComputedStyle(e).scrollBehavior === 'smooth').slice(0, 3).map(tell)"):
        yield f"moves in spite of prefers-reduced-motion: {element}"


def check_print(browser, data):
    """On paper there is no navigation, and all of every list."""
    browser.resize(760)
    browser.emulate(media="print")
    for element in browser.run("return all('nav, #filters, .more').filter(visible).map(tell)"):
        yield f"printed: {element}"
    if browser.run("return all('.folded').some(element => !visible(element))"):
        yield "items that are folded away are not printed"
    if browser.run("return document.documentElement.scrollWidth > innerWidth"):
        yield "wider than the paper"


CHECKS = (check_structure, check_tables, check_width, check_keyboard, check_evidence, check_sorting, check_filters,
          check_timeline, check_contrast, check_times, check_names, check_calm, check_print)
