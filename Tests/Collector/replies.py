"""What the receiver says: the reply codes of HEC, and the HTML pages of the HTTP server under it."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus

CODES = {
    0: (200, "Success"),
    1: (403, "Token disabled"),
    2: (401, "Token is required"),
    3: (401, "Invalid authorization"),
    4: (403, "Invalid token"),
    5: (400, "No data"),
    6: (400, "Invalid data format"),
    7: (400, "Incorrect index"),
    8: (500, "Internal server error"),
    9: (503, "Server is busy"),
    10: (400, "Data channel is missing"),
    11: (400, "Invalid data channel"),
    12: (400, "Event field is required"),
    13: (400, "Event field cannot be blank"),
    14: (400, "ACK is disabled"),
    15: (400, "Error in handling indexed fields"),
    16: (400, "Query string authorization is not enabled"),
    17: (200, "HEC is healthy"),
    18: (503, "HEC is unhealthy, queues are full"),
    19: (503, "HEC is unhealthy, ack service unavailable"),
    20: (503, "HEC is unhealthy, queues are full, ack service unavailable"),
    21: (400, "Invalid token"),
    22: (400, "Token disabled"),
    23: (503, "Server is shutting down"),
    24: (200, "HEC queue is approaching its capacity limit"),
    25: (200, "HEC ACK is approaching its capacity limit"),
    26: (429, "HEC queue is at capacity and cannot process any more requests"),
    27: (429, "HEC ACK channel is at capacity and cannot process any more requests"),
    28: (400, "Data channel is missing"),
}
ACCEPTING = {0, 24, 25}
FIRST_NUMBER = {6: 0, 7: 1, 12: 0, 13: 0, 15: 0}
"""The codes with an `invalid-event-number`, and its value when the first object is the bad one.

Code 7 alone tells the number after the bad object's."""


@dataclass
class Reply:
    """One reply; a `status` of None closes the connection without a word."""

    status: int | None
    body: bytes = b""
    content_type: str = "application/json; charset=UTF-8"
    code: int | None = None
    headers: dict = field(default_factory=dict)


class Refused(Exception):
    """Ends the handling of a request with a reply."""

    def __init__(self, reply):
        super().__init__(reply)
        self.reply = reply


def json_reply(value, status=200, code=None):
    """A compact JSON reply, as HEC writes it."""
    return Reply(status, json.dumps(value, separators=(",", ":")).encode(), code=code)


def hec_reply(code, **extra):
    """The reply of a HEC code, e.g. `hec_reply(6, **{"invalid-event-number": 1})`."""
    status, text = CODES[code]
    return json_reply({"text": text, "code": code, **extra}, status, code)


def page(status, body=None, **headers):
    """An HTML page, as the HTTP server or a proxy before HEC sends it."""
    title = f"{status} {reason(status)}"
    if body is None:
        body = (f"<!doctype html><html><head><title>{title}</title></head>"
                f"<body><h1>{title}</h1></body></html>")
    return Reply(status, body.encode(), "text/html; charset=UTF-8", headers=headers)


def reason(status):
    """The reason phrase of an HTTP status, one that nobody registered included."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
