"""The script of failures: what to do with the next requests, one JSON object a line.

Outcome, at most one of:
  "accept": true            handle the request as always (also what a line without outcome does)
  "code": 0…28              reply with that code, with "invalid-event-number": N where it has one
  "status": S               reply with that HTTP status and "body" (an HTML page if not given)
  "drop": "before"|"after"  close the connection before the body is read, or in place of the reply
Beside it:
  "headers": {…}            further headers of the reply (not with "drop")
  "delay": seconds          wait before the reply (or before the close)
  "slow": seconds           spread the reply over that time, byte by byte
  "truncate": true          send the head and half of the body, then close
  "repeat": N               play the line N times
  "on": "event"|"ack"|"health"   which endpoint, "event" (with raw) by default; each has its own queue
"""

import json
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field

from replies import ACCEPTING, CODES, FIRST_NUMBER, hec_reply, page

OUTCOMES = {"accept", "code", "status", "drop"}
ENDPOINTS = ("event", "ack", "health")


def _is_whole(value, low, high=float("inf")):
    return type(value) is int and low <= value <= high


def _is_seconds(value):
    return type(value) in (int, float) and value >= 0


CHECKS = {
    "accept": lambda value: value is True,
    "code": lambda value: type(value) is int and value in CODES,
    "status": lambda value: _is_whole(value, 200, 599),
    "drop": lambda value: value in ("before", "after"),
    "invalid-event-number": lambda value: _is_whole(value, 0),
    "body": lambda value: isinstance(value, str),
    "headers": lambda value: isinstance(value, dict) and all(isinstance(text, str) for text in value.values()),
    "delay": _is_seconds,
    "slow": _is_seconds,
    "truncate": lambda value: value is True,
    "repeat": lambda value: _is_whole(value, 1),
    "on": lambda value: value in ENDPOINTS,
}


@dataclass(frozen=True)
class Step:
    """What to do with one request; the default is to handle it as always."""

    code: int | None = None
    status: int | None = None
    drop: str | None = None
    number: int | None = None
    body: str | None = None
    headers: dict = field(default_factory=dict)
    delay: float = 0
    slow: float = 0
    truncate: bool = False
    line: dict | None = None

    @property
    def has_reply(self):
        """Whether the script tells the reply."""
        return self.status is not None or self.code is not None

    @property
    def refuses(self):
        """Whether that reply refuses a batch, whatever the batch holds."""
        return self.has_reply and self.code not in ACCEPTING

    @property
    def kept(self):
        """How many objects a refused batch leaves indexed: those before the bad one."""
        if self.code not in FIRST_NUMBER:
            return 0
        return max(self._number() - FIRST_NUMBER[self.code], 0)

    def reply(self):
        """The reply of a step with a code or a status."""
        if self.status is not None:
            return page(self.status, self.body)
        extra = {"invalid-event-number": self._number()} if self.code in FIRST_NUMBER else {}
        return hec_reply(self.code, **extra)

    def _number(self):
        return FIRST_NUMBER[self.code] if self.number is None else self.number


class Script:
    """The queues of steps, one for each endpoint; an exhausted one accepts everything."""

    def __init__(self, lines=()):
        self._lock = threading.Lock()
        self._steps = defaultdict(deque)
        for number, line in enumerate(lines, 1):
            if line.strip():
                self._add(number, line)

    def take(self, endpoint):
        """The step of the next request to an endpoint."""
        with self._lock:
            steps = self._steps[endpoint]
            return steps.popleft() if steps else Step()

    def _add(self, number, text):
        try:
            line = json.loads(text)
            _check(line)
        except ValueError as error:
            raise ValueError(f"script line {number}: {error}") from None
        values = {key: value for key, value in line.items() if key not in ("accept", "on", "repeat")}
        step = Step(line=line, number=values.pop("invalid-event-number", None), **values)
        self._steps[line.get("on", "event")].extend([step] * line.get("repeat", 1))


def _check(line):
    """Raises ValueError for a line that could not be played as its author meant it."""
    if not isinstance(line, dict):
        raise ValueError("not an object")
    for key, value in line.items():
        if key not in CHECKS or not CHECKS[key](value):
            raise ValueError(f"bad {key!r}: {value!r}")
    if len(OUTCOMES & line.keys()) > 1:
        raise ValueError("more than one outcome")
    if "invalid-event-number" in line and line.get("code") not in FIRST_NUMBER:
        raise ValueError("that code has no invalid-event-number")
    if "body" in line and "status" not in line:
        raise ValueError("a body needs a status")
    if "drop" in line and line.keys() & {"headers", "slow", "truncate"}:
        raise ValueError("a dropped connection has no reply")
