"""The grammar of what a sender may send: batches of events, raw lines, ack polls, stash lines.

`note(kind, detail, event)` is called for each violation. A `Fault` is one that HEC refuses; the
others a real HEC would let pass, or silently mend."""

import json
import re
from collections import Counter

KEYS = {"time", "host", "source", "sourcetype", "index", "event", "fields"}
METADATA = ("index", "source", "sourcetype", "host")
BLANK = " \t\r\n"
SCALARS = (str, int, float)
EXACT_TIME = re.compile(r"\d{1,11}(\.\d{1,3})?", re.ASCII)
ANY_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

STASH_LINE = re.compile(r'\d{10}(\.\d+)?(, [^\s="\\,]+="(?:[^"\\]|\\.)*")+', re.ASCII | re.DOTALL)
STASH_PAIR = re.compile(r', ([^\s="\\,]+)="((?:[^"\\]|\\.)*)"', re.DOTALL)
STASH_ONCE = ("search_name", "orig_sid", "risk_object", "risk_object_type", "risk_score", "risk_message",
              "contributing_events_search", "info_min_time", "info_max_time", "info_search_time",
              "savedsearch_description")
STASH_REQUIRED = (*STASH_ONCE, "analyticstories", "annotations.mitre_attack", "annotations._all",
                  "annotations._frameworks")
RISK_OBJECT_TYPES = ("user", "system", "other")


class Fault(Exception):
    """What is refused with a HEC code; `number` counts the objects before it."""

    def __init__(self, code, detail, number=None):
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.number = number


class _Number(float):
    """A number with decimals that remembers how it was written."""

    def __new__(cls, text):
        value = super().__new__(cls, text)
        value.text = text
        return value


def parse_batch(body, indexes, note):
    """Reads concatenated envelopes. Returns the events before the first fault, and that fault or None."""
    text = body.decode("utf-8", "surrogateescape")
    events, position = [], 0
    try:
        while (position := _skip_blank(text, position)) < len(text):
            envelope, position = _read_object(text, position, note, len(events))
            events.append(_check_envelope(envelope, indexes, note, len(events)))
        if not events:
            raise Fault(5, "no data")
    except Fault as fault:
        if fault.code != 5:
            fault.number = len(events)
        return events, fault
    return events, None


def parse_raw(body, metadata, indexes, note):
    """Reads the lines of a raw body, each an event with the metadata of the query."""
    text = body.decode("utf-8", "replace")
    if "\ufffd" in text:
        note("encoding", "the raw body is not UTF-8", None)
    shared = {key: metadata.get(key) for key in (*METADATA, "time")}
    events = [{**shared, "event": line, "fields": None} for line in re.split(r"\r?\n", text) if line.strip()]
    if not events:
        return [], Fault(5, "no data")
    if _index_refused(shared, indexes):
        return [], Fault(7, f"index {shared['index']!r}")
    return events, None


def parse_poll(body, note):
    """Reads an ack poll, `{"acks":[0,1]}`, and returns the ids."""
    text = body.decode("utf-8", "surrogateescape")
    start = _skip_blank(text, 0)
    if start == len(text):
        raise Fault(5, "no data")
    poll, end = _read_object(text, start, note, None)
    if _skip_blank(text, end) < len(text):
        raise Fault(6, "data after the poll")
    ids = poll.get("acks")
    if poll.keys() != {"acks"} or not isinstance(ids, list):
        raise Fault(6, "a poll has the key acks, an array, and no other")
    if not all(type(ack) is int and ack >= 0 for ack in ids):
        raise Fault(6, "an ackId is a whole number from 0")
    if not ids or len(set(ids)) < len(ids):
        note("poll", "no ids, or one twice", None)
    return ids


def _skip_blank(text, position):
    while position < len(text) and text[position] in BLANK:
        position += 1
    return position


def _read_object(text, position, note, number):
    """Reads the JSON object that starts at a position; returns it and where it ends."""
    twice = []
    decoder = json.JSONDecoder(parse_float=_Number, object_pairs_hook=lambda pairs: _to_object(pairs, twice))
    try:
        value, end = decoder.raw_decode(text, position)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # refuses NaN and what is not UTF-8
    except (ValueError, RecursionError) as error:
        raise Fault(6, f"not JSON in UTF-8: {error}") from None
    if not isinstance(value, dict):
        raise Fault(6, f"not an object: {text[position:end][:40]}")
    for key in twice:
        note("key twice", key, number)
    return value, end


def _to_object(pairs, twice):
    value = dict(pairs)
    if len(value) < len(pairs):
        twice.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
    return value


def _check_envelope(envelope, indexes, note, number):
    """Checks one envelope and returns the event to index."""
    if unknown := envelope.keys() - KEYS:
        raise Fault(6, f"unknown envelope keys {sorted(unknown)}")
    _check_event(envelope)
    _check_time(envelope, note, number)
    _check_metadata(envelope, note, number)
    _check_fields(envelope)
    if _index_refused(envelope, indexes):
        raise Fault(7, f"index {envelope['index']!r}")
    if envelope.get("sourcetype") == "stash":
        for problem in stash_problems(envelope):
            note("stash", problem, number)
    return {key: envelope.get(key) for key in (*METADATA, "time", "event", "fields")}


def _check_event(envelope):
    if "event" not in envelope:
        raise Fault(12, "no event")
    event = envelope["event"]
    if event is None or (isinstance(event, str) and not event.strip()):
        raise Fault(13, "a blank event")
    if event is False:
        raise Fault(6, "an event of false")


def _check_time(envelope, note, number):
    """Refuses a time that is no number; notes one that is not epoch seconds with at most 3 decimals."""
    if "time" not in envelope:
        return
    value = envelope["time"]
    if isinstance(value, bool) or not isinstance(value, SCALARS):
        raise Fault(6, f"time {value!r}")
    text = getattr(value, "text", str(value))
    if not ANY_NUMBER.fullmatch(text):
        raise Fault(6, f"time {text!r}")
    if not EXACT_TIME.fullmatch(text):
        note("time", f"{text} is not epoch seconds with at most 3 decimals", number)


def _check_metadata(envelope, note, number):
    for key in METADATA:
        value = envelope.get(key, key)
        if not isinstance(value, str):
            raise Fault(6, f"{key} is not a string")
        if not value.strip():
            note("metadata", f"{key} is blank", number)


def _check_fields(envelope):
    fields = envelope.get("fields", {})
    if not isinstance(fields, dict):
        raise Fault(15, "fields is not an object")
    for key, value in fields.items():
        values = value if isinstance(value, list) else [value]
        if not key or not all(isinstance(item, SCALARS) for item in values):
            raise Fault(15, f"field {key!r} is neither a scalar nor an array of scalars")


def _index_refused(metadata, indexes):
    index = metadata.get("index")
    return bool(indexes) and index is not None and index not in indexes


def stash_problems(envelope):
    """What is wrong with a risk event as Enterprise Security reads it: a list of sentences."""
    line = envelope["event"]
    if not isinstance(line, str) or not STASH_LINE.fullmatch(line):
        return ['not `<epoch>, key="value", …` with escaped quotes']
    values = {}
    for key, value in STASH_PAIR.findall(line):
        values.setdefault(key, []).append(re.sub(r'\\(["\\])', r"\1", value))
    problems = [f"{key} is missing or blank" for key in STASH_REQUIRED if not "".join(values.get(key, ())).strip()]
    problems += [f"{key} is there twice" for key in STASH_ONCE if len(values.get(key, ())) > 1]
    return problems or _risk_problems({key: value[0] for key, value in values.items()}, envelope)


def _risk_problems(values, envelope):
    """The problems of the values of a stash line that has all it needs."""
    problems = []
    if not re.fullmatch(r"\d+(\.\d+)?", values["risk_score"], re.ASCII):
        problems.append(f"risk_score {values['risk_score']!r} is not a number")
    if values["risk_object_type"] not in RISK_OBJECT_TYPES:
        problems.append(f"risk_object_type {values['risk_object_type']!r} is none of {RISK_OBJECT_TYPES}")
    times = [values[f"info_{name}_time"] for name in ("min", "search", "max")]
    if not all(re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) for text in times):
        problems.append(f"the info times {times} are not numbers")
    elif not float(values["info_min_time"]) <= float(values["info_search_time"]) < float(values["info_max_time"]):
        problems.append("info_search_time is not between info_min_time and info_max_time")
    if envelope.get("source") != values["search_name"]:
        problems.append("source is not the search_name")
    if "annotations" in values and not _is_json_object(values["annotations"]):
        problems.append("annotations is not a JSON object")
    return problems


def _is_json_object(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
