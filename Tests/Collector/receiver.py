#!/usr/bin/env python3
"""A strict stand-in for Splunk's HTTP Event Collector, for the tests of a sender.

  receiver.py --token T --cert cert.pem --key key.pem --received received.jsonl [--ack] …

Prints `listening on 127.0.0.1:PORT` when it is ready. What it accepts is appended to --received and
synced before the reply is sent or, with --ack, before the ack says true; so it may be killed at any
moment. After a restart on the same files the events and their sequence go on; all acks are forgotten
(a poll says false, ids start at 0 again), batches whose ack was not yet due are lost, and the script
starts from its first line. SIGTERM ends it in order: waiting batches are indexed first.

The files are JSON lines, appended to, and written before the reply is sent:
  --received    channel, sequence (the line number, from 0), index, source, sourcetype, host, time, event,
                fields; as sent, null where not sent (with --ack: written when the delay has passed)
  --requests    seconds (since the start), time (epoch), method, path, status and code (null: no reply, no
                code), channel, wire_bytes (of the body as sent), body_bytes (unpacked), events (good
                objects, up to the first fault), indexed (how many of them), content_encoding, script
                (the line that was played)
  --violations  seconds, path, channel, kind, detail, event (number in its batch); the kinds: refused
                (a body refused with a code), header, query, channel, body, encoding, time, metadata,
                "key twice", stash, poll
"""

import argparse
import os
import re
import signal
import socketserver
import ssl
import sys
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from grammar import Fault, parse_batch, parse_poll, parse_raw
from replies import FIRST_NUMBER, Refused, Reply, hec_reply, json_reply, page, reason
from script import Script, Step
from store import Acks, Journal, Log

BASE = "/services/collector"
ROUTES = {
    BASE: "event", f"{BASE}/event": "event", f"{BASE}/event/1.0": "event",
    f"{BASE}/raw": "raw", f"{BASE}/raw/1.0": "raw",
    f"{BASE}/ack": "ack",
    f"{BASE}/health": "health", f"{BASE}/health/1.0": "health",
}
QUERY_KEYS = {
    "event": {"channel", "token", "auto_extract_timestamp"},
    "raw": {"channel", "token", "index", "source", "sourcetype", "host", "time"},
    "ack": {"channel", "token"},
    "health": {"ack", "token"},
}
SINGLE_HEADERS = ("Authorization", "Content-Encoding", "Content-Length", "Content-Type", "Host",
                  "X-Splunk-Request-Channel")
GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
IDLE_SECONDS = 60


class Collector(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The server, with what its requests share."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, options):
        self.options = options
        self.started = time.monotonic()
        self.script = Script(Path(options.script).read_text("utf-8").splitlines() if options.script else ())
        self.journal = Journal(options.received)
        self.acks = Acks(self.journal, options.ack_delay) if options.ack else None
        self.requests = Log(options.requests)
        self.violations = Log(options.violations)
        self.tls = None if options.plain else server_context(options)
        super().__init__(("127.0.0.1", options.port), Handler)

    def finish_request(self, request, client_address):
        """Shakes hands in the thread of the connection, so that a silent client stops no other."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(IDLE_SECONDS)
        with self.tls.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request, client_address):
        """Lets a client go away, or refuse the certificate, in silence."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def seconds(self):
        """The time since the start."""
        return round(time.monotonic() - self.started, 3)

    def index(self, channel, events):
        """Accepts events; returns what the reply tells of them."""
        if self.acks:
            return {"ackId": self.acks.take(channel, events)}
        self.journal.append(channel, events)
        return {}


class Handler(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def answer(self):
        """Takes one request from its head to its reply."""
        url = urlsplit(self.path)
        self.endpoint = ROUTES.get(url.path)
        self.query = dict(parse_qsl(url.query, keep_blank_values=True))
        self.channel = self.headers.get("X-Splunk-Request-Channel", self.query.get("channel"))
        self.record = {
            "seconds": self.server.seconds(), "time": round(time.time(), 3),
            "method": self.command, "path": url.path, "status": None, "code": None, "channel": self.channel,
            "wire_bytes": 0, "body_bytes": 0, "events": 0, "indexed": 0,
            "content_encoding": self.headers.get("Content-Encoding"), "script": None,
        }
        step = Step()
        try:
            self.check_route()
            step = self.server.script.take("event" if self.endpoint == "raw" else self.endpoint)
            self.record["script"] = step.line
            reply = self.handle_step(step)
        except Refused as refused:
            reply = refused.reply
        self.send(Reply(None) if step.drop else reply, step)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def check_route(self):
        """Refuses an unknown path or a wrong method."""
        if self.endpoint is None:
            self.read_body()
            raise Refused(page(404))
        method = "GET" if self.endpoint == "health" else "POST"
        if self.command != method:
            self.read_body()
            raise Refused(page(405, Allow=method))

    def handle_step(self, step):
        """Does what the script tells, or what HEC does; returns the reply."""
        if step.drop == "before":
            return Reply(None)
        self.check_head()
        body = self.read_body()
        if self.endpoint in ("event", "raw"):
            return self.refuse(step, body) if step.refuses else self.collect(step.code or 0, body)
        if step.has_reply:
            return step.reply()
        return self.poll(body) if self.endpoint == "ack" else hec_reply(17)

    # The endpoints

    def collect(self, code, body):
        """Indexes a batch; `code` is the one to accept it with."""
        self.check_authorization()
        self.check_channel(required=self.server.acks is not None or self.endpoint == "raw")
        events, fault = self.parse(body)
        self.record["indexed"] = len(events)
        if fault is None:
            return hec_reply(code, **self.server.index(self.channel, events))
        self.server.journal.append(self.channel, events)
        return self.fault_reply(fault)

    def refuse(self, step, body):
        """Refuses a batch as the script tells, after indexing what that refusal leaves indexed."""
        try:
            events, _ = self.parse(body)
        except Refused:
            events = []
        kept = events[:step.kept]
        self.record["indexed"] = len(kept)
        self.server.journal.append(self.channel, kept)
        return step.reply()

    def poll(self, body):
        """Tells which batches are indexed."""
        self.check_authorization()
        if self.server.acks is None:
            raise Refused(hec_reply(14))
        self.check_channel(required=True)
        try:
            ids = parse_poll(self.decode(body), self.note)
        except Fault as fault:
            self.note("refused", f"code {fault.code}: {fault.detail}")
            return self.fault_reply(fault)
        return json_reply({"acks": self.server.acks.query(self.channel, ids)})

    def parse(self, body):
        """The events of a body up to the first fault, and that fault or None."""
        options, text = self.server.options, self.decode(body)
        if self.endpoint == "raw":
            events, fault = parse_raw(text, self.query, options.index, self.note)
        else:
            events, fault = parse_batch(text, options.index, self.note)
        self.record["events"] = len(events)
        if fault:
            self.note("refused", f"code {fault.code}: {fault.detail}", fault.number)
        return events, fault

    def fault_reply(self, fault):
        if fault.number is None:
            return hec_reply(fault.code)
        return hec_reply(fault.code, **{"invalid-event-number": fault.number + FIRST_NUMBER[fault.code]})

    # The checks of the head

    def check_head(self):
        """Notes what is wrong with the head of a request, but would be let pass."""
        for name in SINGLE_HEADERS:
            if len(self.headers.get_all(name, ())) > 1:
                self.note("header", f"{name} is there twice")
        if unknown := self.query.keys() - QUERY_KEYS[self.endpoint]:
            self.note("query", f"unknown keys {sorted(unknown)}")
        if "token" in self.query:
            self.note("query", "the token is in the URL")
        if self.query.get("channel", self.channel) != self.channel:
            self.note("query", "two channels")
        if self.endpoint in ("event", "ack") and self.headers.get_content_type() != "application/json":
            self.note("header", f"Content-Type is {self.headers.get('Content-Type')}")

    def check_authorization(self):
        header = self.headers.get("Authorization")
        if header is None:
            raise Refused(hec_reply(16 if "token" in self.query else 2))
        match = re.fullmatch(r"Splunk (\S+)", header)
        if match is None:
            raise Refused(hec_reply(3))
        if match[1] in self.server.options.disabled_token:
            raise Refused(hec_reply(1))
        if match[1] not in self.server.options.token:
            raise Refused(hec_reply(4))

    def check_channel(self, required):
        if self.channel is None and required:
            raise Refused(hec_reply(10))
        if self.channel is not None and not GUID.fullmatch(self.channel):
            self.note("channel", f"{self.channel!r} is not a GUID")
            raise Refused(hec_reply(11))

    # The body

    def read_body(self):
        """Reads the body as sent, within the limits of size and time."""
        length = self.body_length()
        too_long = length > self.server.options.max_bytes
        try:
            body = self.receive(length, keep=not too_long)
        except TimeoutError:
            self.note("body", "the body did not arrive in time")
            self.refuse_connection(page(408))
        except ConnectionError:
            self.note("body", "the connection ended before the body")
            self.refuse_connection(Reply(None))
        self.record["wire_bytes"] = length
        if too_long:
            self.refuse_connection(page(413))
        return body

    def body_length(self):
        """The Content-Length; a body without one (chunked, say) is refused."""
        lengths = set(self.headers.get_all("Content-Length", ()))
        if "Transfer-Encoding" in self.headers or (self.command == "POST" and not lengths):
            self.note("header", "no Content-Length, or a Transfer-Encoding")
            self.refuse_connection(page(411))
        if len(lengths) > 1 or not all(re.fullmatch(r"[0-9]{1,15}", text) for text in lengths):
            self.refuse_connection(page(400))
        return int(lengths.pop()) if lengths else 0

    def receive(self, length, keep):
        """Reads so many bytes, all before one deadline; drops them unless they are to keep."""
        deadline = time.monotonic() + self.server.options.body_timeout
        blocks = []
        try:
            while length:
                self.connection.settimeout(max(deadline - time.monotonic(), 0.001))
                block = self.rfile.read1(min(length, 1 << 16))
                if not block:
                    raise ConnectionError("the body is too short")
                length -= len(block)
                if keep:
                    blocks.append(block)
        finally:
            self.connection.settimeout(IDLE_SECONDS)
        return b"".join(blocks)

    def refuse_connection(self, reply):
        """Refuses a request after which the connection cannot go on."""
        self.close_connection = True
        raise Refused(reply)

    def decode(self, body):
        """Undoes the Content-Encoding."""
        encoding = self.headers.get("Content-Encoding")
        if encoding is not None and encoding.strip().lower() != "gzip":
            self.note("header", f"Content-Encoding {encoding}")
            raise Refused(page(415))
        if encoding:
            body = self.gunzip(body)
        self.record["body_bytes"] = len(body)
        return body

    def gunzip(self, body):
        """Unpacks one whole gzip member and nothing after it, within the limit of size."""
        limit = self.server.options.max_bytes
        unpacker = zlib.decompressobj(wbits=31)
        try:
            text = unpacker.decompress(body, limit + 1)
        except zlib.error as error:
            self.note("body", f"not gzip: {error}")
            raise Refused(hec_reply(6)) from None
        if len(text) > limit:
            raise Refused(page(413))
        if not unpacker.eof or unpacker.unused_data:
            self.note("body", "gzip that is cut off, or with data after it")
            raise Refused(hec_reply(6))
        return text

    # The reply

    def send(self, reply, step):
        """Logs the request, then sends the reply in the manner the script tells."""
        self.record.update(status=reply.status, code=reply.code)
        self.server.requests.add(self.record)
        time.sleep(step.delay)
        if reply.status is None:
            self.close_connection = True
            return
        body = b"" if self.command == "HEAD" else reply.body
        if step.truncate:
            self.close_connection = True
            body = body[:len(body) // 2]
        data = self.head(reply, step.headers) + body
        if step.slow:
            for byte in data:
                self.wfile.write(bytes([byte]))
                time.sleep(step.slow / len(data))
        else:
            self.wfile.write(data)

    def head(self, reply, headers):
        """The head of a reply; headers of the script replace its own."""
        fields = {
            "Date": self.date_time_string(), "Server": "Splunkd", "Content-Type": reply.content_type,
            "Content-Length": str(len(reply.body)),
            "Connection": "close" if self.close_connection else "keep-alive",
            **reply.headers, **headers,
        }
        lines = (f"{name}: {text}\r\n" for name, text in fields.items())
        return f"HTTP/1.1 {reply.status} {reason(reply.status)}\r\n{''.join(lines)}\r\n".encode()

    def note(self, kind, detail, event=None):
        """Writes down a violation; `event` is the number of the object in its batch."""
        self.server.violations.add({"seconds": self.server.seconds(), "path": self.record["path"],
                                    "channel": self.channel, "kind": kind, "detail": detail, "event": event})

    def log_message(self, *arguments):
        """Stays silent: --requests is the log."""


def server_context(options):
    """TLS 1.2 or later, HTTP/1.1 alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(options.cert, options.key)
    context.set_alpn_protocols(["http/1.1"])
    return context


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0, the default: any free one")
    parser.add_argument("--cert", help="certificate chain, PEM")
    parser.add_argument("--key", help="its key, PEM; not needed if it is in the same file")
    parser.add_argument("--plain", action="store_true", help="HTTP instead of HTTPS")
    parser.add_argument("--token", action="append", required=True, help="a valid token; may be repeated")
    parser.add_argument("--disabled-token", action="append", default=[], help="a token to refuse with code 1")
    parser.add_argument("--index", action="append", default=[], help="an allowed index; may be repeated; none: all")
    parser.add_argument("--ack", action="store_true", help="indexer acknowledgement (useACK)")
    parser.add_argument("--ack-delay", type=float, default=0, help="seconds until a batch is indexed (with --ack)")
    parser.add_argument("--max-bytes", type=int, default=1_000_000, help="of a body, both as sent and unpacked")
    parser.add_argument("--body-timeout", type=float, default=10, help="seconds for a body to arrive")
    parser.add_argument("--lifetime", type=float, default=3600, help="ends by itself after so many seconds")
    parser.add_argument("--received", required=True, help="file for the indexed events")
    parser.add_argument("--violations", default=os.devnull, help="file for what a sender did wrong")
    parser.add_argument("--requests", default=os.devnull, help="file with a line for each request")
    parser.add_argument("--script", help="file of failures to play, see script.py")
    options = parser.parse_args()
    if not options.plain and not options.cert:
        parser.error("--cert or --plain is needed")
    return options


def main():
    """Serves until SIGTERM, SIGINT or the end of the lifetime."""
    options = parse_arguments()
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        server = Collector(options)
    except (OSError, ValueError) as error:
        sys.exit(f"receiver: {error}")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    signal.sigtimedwait(ends, options.lifetime)
    server.shutdown()
    server.server_close()
    if server.acks:
        server.acks.close()


if __name__ == "__main__":
    main()
