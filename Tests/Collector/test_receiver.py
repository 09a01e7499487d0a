"""Proves that the receiver is strict. Run by `python3 -m unittest` in this folder."""

import gzip
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOKEN = "11111111-2222-3333-4444-555555555555"
CHANNEL = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
EVENT = "/services/collector/event"
RAW = "/services/collector/raw"
ACK = "/services/collector/ack"
HEALTH = "/services/collector/health"
JSON_TYPE = {"Content-Type": "application/json"}
AUTHORIZED = {**JSON_TYPE, "Authorization": f"Splunk {TOKEN}"}
WITH_CHANNEL = {**AUTHORIZED, "X-Splunk-Request-Channel": CHANNEL}
THREE = b'{"event":"a"}{"event":"b"}\n{"event":"c"}'


class Receiver:
    """A receiver process, its files in a folder, and requests to it."""

    def __init__(self, folder, *options, script=None, certificate=None):
        self.folder = Path(folder)
        self.options = ["--token", TOKEN, "--received", self.file("received"), "--violations",
                        self.file("violations"), "--requests", self.file("requests"), *options]
        if script is not None:
            Path(self.file("script")).write_text("\n".join(json.dumps(line) for line in script))
            self.options += ["--script", self.file("script")]
        self.options += ["--cert", certificate] if certificate else ["--plain"]
        self.tls = ssl.create_default_context(cafile=certificate) if certificate else None
        self.port = 0

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "receiver.py"), "--port", str(self.port), *self.options],
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rpartition(":")[2])
        return self

    def __exit__(self, *_):
        self.end(signal.SIGTERM)

    def end(self, number):
        """Sends a signal, waits, and returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(10)
        self.process.stdout.close()
        return code

    def file(self, name):
        return str(self.folder / f"{name}.jsonl")

    def read(self, name):
        path = Path(self.file(name))
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def events(self):
        return [record["event"] for record in self.read("received")]

    def connect(self, timeout=10):
        if self.tls:
            return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=AUTHORIZED, connection=None):
        """One request; returns status, body (JSON if it is) and headers."""
        own = connection or self.connect()
        try:
            own.request(method, path, body, headers)
            response = own.getresponse()
            content = response.read()
        finally:
            if connection is None:
                own.close()
        is_json = response.headers.get_content_type() == "application/json"
        return response.status, json.loads(content) if is_json else content.decode(), response.headers

    def post(self, body=THREE, path=EVENT, headers=AUTHORIZED, connection=None):
        return self.ask("POST", path, body, headers, connection)[:2]

    def send_bytes(self, data, end=True):
        """Sends raw bytes and returns all that comes back (plain HTTP only)."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as link:
            link.sendall(data)
            if end:
                link.shutdown(socket.SHUT_WR)
            answer = b""
            while block := link.recv(65536):
                answer += block
            return answer


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def receiver(self, *options, **more):
        return Receiver(self.folder, *options, **more)

    def assert_html(self, answer, status):
        self.assertEqual(answer[0], status)
        self.assertIsInstance(answer[1], str)
        self.assertIn("<html>", answer[1])


CODES = {  # code: (status, text, indexed of three, number told by default)
    0: (200, "Success", 3, None),
    1: (403, "Token disabled", 0, None),
    2: (401, "Token is required", 0, None),
    3: (401, "Invalid authorization", 0, None),
    4: (403, "Invalid token", 0, None),
    5: (400, "No data", 0, None),
    6: (400, "Invalid data format", 0, 0),
    7: (400, "Incorrect index", 0, 1),
    8: (500, "Internal server error", 0, None),
    9: (503, "Server is busy", 0, None),
    10: (400, "Data channel is missing", 0, None),
    11: (400, "Invalid data channel", 0, None),
    12: (400, "Event field is required", 0, 0),
    13: (400, "Event field cannot be blank", 0, 0),
    14: (400, "ACK is disabled", 0, None),
    15: (400, "Error in handling indexed fields", 0, 0),
    16: (400, "Query string authorization is not enabled", 0, None),
    17: (200, "HEC is healthy", 0, None),
    18: (503, "HEC is unhealthy, queues are full", 0, None),
    19: (503, "HEC is unhealthy, ack service unavailable", 0, None),
    20: (503, "HEC is unhealthy, queues are full, ack service unavailable", 0, None),
    21: (400, "Invalid token", 0, None),
    22: (400, "Token disabled", 0, None),
    23: (503, "Server is shutting down", 0, None),
    24: (200, "HEC queue is approaching its capacity limit", 3, None),
    25: (200, "HEC ACK is approaching its capacity limit", 3, None),
    26: (429, "HEC queue is at capacity and cannot process any more requests", 0, None),
    27: (429, "HEC ACK channel is at capacity and cannot process any more requests", 0, None),
    28: (400, "Data channel is missing", 0, None),
}


class ScriptTests(Case):
    """Failures played."""

    def expected(self, code, number=None):
        status, text, _, default = CODES[code]
        number = default if number is None else number
        return status, {"text": text, "code": code} | ({} if number is None else {"invalid-event-number": number})

    def test_every_code(self):
        for path, options in ((EVENT, AUTHORIZED), (RAW, WITH_CHANNEL)):
            with self.subTest(path), tempfile.TemporaryDirectory() as self.folder, \
                    self.receiver(script=[{"code": code} for code in CODES]) as hec:
                body, total = (THREE, 0) if path == EVENT else (b"a\nb\nc\n", 0)
                for code, (_, _, indexed, _) in CODES.items():
                    self.assertEqual(hec.post(body, path, options), self.expected(code))
                    total += indexed
                    self.assertEqual(len(hec.events()), total, code)
                self.assertEqual(hec.post(body, path, options), self.expected(0))
                self.assertEqual([line["code"] for line in hec.read("requests")], [*CODES, 0])

    def test_every_code_on_health_and_ack(self):
        script = [{"on": on, "code": code} for code in CODES for on in ("health", "ack")]
        with self.receiver("--ack", script=script) as hec:
            for code in CODES:
                self.assertEqual(hec.ask("GET", HEALTH, headers={})[:2], self.expected(code))
                self.assertEqual(hec.post(b'{"acks":[0]}', ACK, WITH_CHANNEL), self.expected(code))
            self.assertEqual(hec.ask("GET", HEALTH, headers={})[:2], self.expected(17))
            self.assertEqual(hec.post(b'{"acks":[0]}', ACK, WITH_CHANNEL), (200, {"acks": {"0": False}}))

    def test_partial_batches(self):
        script = [{"code": code, "invalid-event-number": 2} for code in (6, 7, 12, 13, 15)]
        with self.receiver(script=script) as hec:
            for code, indexed in ((6, "ab"), (7, "a"), (12, "ab"), (13, "ab"), (15, "ab")):
                before = len(hec.events())
                self.assertEqual(hec.post(), self.expected(code, 2))
                self.assertEqual("".join(hec.events()[before:]), indexed)
            self.assertEqual([line["indexed"] for line in hec.read("requests")], [2, 1, 2, 2, 2])

    def test_a_code_that_accepts_accepts_no_bad_body(self):
        with self.receiver(script=[{"code": 24}, {"code": 24}]) as hec:
            self.assertEqual(hec.post(b"[]")[1]["code"], 6)
            self.assertEqual(hec.post(headers=JSON_TYPE)[1]["code"], 2)

    def test_a_code_that_accepts_tells_the_ack_id(self):
        with self.receiver("--ack", script=[{"code": 25}]) as hec:
            self.assertEqual(hec.post(headers=WITH_CHANNEL)[1], {"text": CODES[25][1], "code": 25, "ackId": 0})

    def test_statuses(self):
        script = [{"status": 500, "body": "<html>oops"}, {"status": 413, "repeat": 2},
                  {"status": 429, "headers": {"Retry-After": "1"}}, {"status": 599}, {"accept": True},
                  {"code": 26, "headers": {"Retry-After": "7"}}]
        with self.receiver(script=script) as hec:
            self.assertEqual(hec.post(), (500, "<html>oops"))
            self.assert_html(hec.post(), 413)
            self.assert_html(hec.post(), 413)
            status, _, headers = hec.ask("POST", EVENT, THREE)
            self.assertEqual((status, headers["Retry-After"]), (429, "1"))
            self.assert_html(hec.post(), 599)
            self.assertEqual(hec.events(), [])
            self.assertEqual(hec.post()[0], 200)
            self.assertEqual(hec.ask("POST", EVENT, THREE)[2]["Retry-After"], "7")
            self.assertEqual(hec.read("requests")[0]["script"], script[0])

    def test_drops(self):
        with self.receiver(script=[{"drop": "before"}, {"drop": "after"}]) as hec:
            for indexed in ([], ["a", "b", "c"]):
                with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
                    hec.post()
                self.assertEqual(hec.events(), indexed)
            self.assertEqual(hec.post()[0], 200)
            self.assertEqual([line["status"] for line in hec.read("requests")], [None, None, 200])

    def test_a_dropped_poll_has_forgotten_what_it_told(self):
        with self.receiver("--ack", script=[{"on": "ack", "drop": "after"}]) as hec:
            hec.post(headers=WITH_CHANNEL)
            time.sleep(0.2)
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
                hec.post(b'{"acks":[0]}', ACK, WITH_CHANNEL)
            self.assertEqual(hec.post(b'{"acks":[0]}', ACK, WITH_CHANNEL)[1], {"acks": {"0": False}})

    def test_slowness(self):
        script = [{"delay": 0.4}, {"slow": 0.4}, {"code": 9, "delay": 0.4}, {"on": "health", "delay": 0.4}]
        with self.receiver(script=script) as hec:
            for status in (200, 200, 503):
                start = time.monotonic()
                self.assertEqual(hec.post()[0], status)
                self.assertGreater(time.monotonic() - start, 0.35)
            start = time.monotonic()
            hec.ask("GET", HEALTH)
            self.assertGreater(time.monotonic() - start, 0.35)

    def test_half_a_reply(self):
        with self.receiver(script=[{"truncate": True}]) as hec:
            with self.assertRaises(http.client.IncompleteRead) as caught:
                hec.post()
            self.assertTrue(b'{"text":"Success","code":0}'.startswith(caught.exception.partial))
            self.assertEqual(len(hec.events()), 3)

    def test_bad_scripts(self):
        bad = ["{", "[]", '{"code":29}', '{"code":true}', '{"kode":1}', '{"code":1,"status":500}', '{"drop":"now"}',
               '{"code":9,"invalid-event-number":1}', '{"code":6,"invalid-event-number":-1}', '{"repeat":0}',
               '{"delay":-1}', '{"on":"acks"}', '{"body":"x"}', '{"drop":"after","slow":1}', '{"status":99}',
               '{"headers":{"Retry-After":1},"code":9}', '{"truncate":false}']
        for line in bad:
            with self.subTest(line):
                Path(self.folder, "bad").write_text(line)
                ran = subprocess.run(
                    [sys.executable, str(HERE / "receiver.py"), "--plain", "--token", "t", "--received",
                     f"{self.folder}/r", "--script", f"{self.folder}/bad"], capture_output=True, text=True, timeout=10)
                self.assertEqual((ran.returncode, ran.stdout), (1, ""))
                self.assertIn("script line 1", ran.stderr)


REFUSED = [  # body, code, number told (None: none), events indexed
    (b"", 5, None, ""),
    (b" \r\n\t", 5, None, ""),
    (b"[]", 6, 0, ""),
    (b'[{"event":"a"}]', 6, 0, ""),
    (b'{"event":"a"}[{"event":"b"}]', 6, 1, "a"),
    (b'{"event":"a"},{"event":"b"}', 6, 1, "a"),
    (b'{"event":"a"}{"event":"b"', 6, 1, "a"),
    (b'{"event":"a"}{"event":"b"}{', 6, 2, "ab"),
    (b'{"event":"a"} x', 6, 1, "a"),
    (b'{"event":"a"}\x00', 6, 1, "a"),
    (b'{"event":"a"}\xc2\xa0{"event":"b"}', 6, 1, "a"),
    (b'\xef\xbb\xbf{"event":"a"}', 6, 0, ""),
    (b'"a"', 6, 0, ""),
    (b"1", 6, 0, ""),
    (b"null", 6, 0, ""),
    (b"{'event':'a'}", 6, 0, ""),
    (b'{event:"a"}', 6, 0, ""),
    (b'{"event":"a",}', 6, 0, ""),
    (b'{"event":"a\nb"}', 6, 0, ""),
    (b'{"event":"a\tb"}', 6, 0, ""),
    (b'{"event":"\\x"}', 6, 0, ""),
    (b'{"event":"\\ud800"}', 6, 0, ""),
    (b'{"event":"a"}{"event":"\xff"}{"event":"c"}', 6, 1, "a"),
    (b'{"event":NaN}', 6, 0, ""),
    (b'{"event":[Infinity]}', 6, 0, ""),
    (b'{"event":1e999}', 6, 0, ""),
    (b'{"event":01}', 6, 0, ""),
    (b'{"event":' + b"[" * 100_000 + b"}", 6, 0, ""),
    (b'{"event":false}', 6, 0, ""),
    (b'{"event":"a"}{"event":"b","Time":1}', 6, 1, "a"),
    (b'{"event":"a","source_type":"x"}', 6, 0, ""),
    (b'{"event":"a","":1}', 6, 0, ""),
    (b'{"event":"a","time":null}', 6, 0, ""),
    (b'{"event":"a","time":true}', 6, 0, ""),
    (b'{"event":"a","time":[1]}', 6, 0, ""),
    (b'{"event":"a","time":""}', 6, 0, ""),
    (b'{"event":"a","time":"now"}', 6, 0, ""),
    (b'{"event":"a","time":"2026-01-01T00:00:00Z"}', 6, 0, ""),
    (b'{"event":"a","time":"1795452183 "}', 6, 0, ""),
    (b'{"event":"a","host":null}', 6, 0, ""),
    (b'{"event":"a","source":1}', 6, 0, ""),
    (b'{"event":"a","sourcetype":["x"]}', 6, 0, ""),
    (b'{"event":"a","index":{}}', 6, 0, ""),
    (b"{}", 12, 0, ""),
    (b'{"event":"a"}{"time":1}', 12, 1, "a"),
    (b'{"event":"a"}{"fields":{"x":1}}{"event":"c"}', 12, 1, "a"),
    (b'{"event":null}', 13, 0, ""),
    (b'{"event":""}', 13, 0, ""),
    (b'{"event":"a"}{"event":" \\n"}{"event":"c"}', 13, 1, "a"),
    (b'{"event":"a","fields":{"x":{}}}', 15, 0, ""),
    (b'{"event":"a","fields":{"x":[1,[2]]}}', 15, 0, ""),
    (b'{"event":"a","fields":{"x":[{"y":1}]}}', 15, 0, ""),
    (b'{"event":"a","fields":{"x":null}}', 15, 0, ""),
    (b'{"event":"a","fields":{"":1}}', 15, 0, ""),
    (b'{"event":"a","fields":[]}', 15, 0, ""),
    (b'{"event":"a"}{"event":"b","fields":null}', 15, 1, "a"),
    (b'{"event":"a","index":"k8s"}{"event":"b","index":"other"}{"event":"c"}', 7, 2, "a"),
    (b'{"event":"a","index":"other"}', 7, 1, ""),
    (b'{"event":"a","index":"K8S"}', 7, 1, ""),
]

NOTED = [  # body, kind of the violation; accepted
    (b'{"event":"a","time":1.0001}', "time"),
    (b'{"event":"a","time":"1795452183.0420"}', "time"),
    (b'{"event":"a","time":1795452183042}', "time"),
    (b'{"event":"a","time":-1}', "time"),
    (b'{"event":"a","time":1e9}', "time"),
    (b'{"event":"a","host":""}', "metadata"),
    (b'{"event":"a","source":" "}', "metadata"),
    (b'{"event":"a","event":"a"}', "key twice"),
    (b'{"event":{"x":1,"x":2}}', "key twice"),
    (b'{"event":"a","sourcetype":"stash"}', "stash"),
]

CLEAN = [
    b'{"event":"a"}',
    b'\n{"event":"a"} \t\r\n {"event":{}}\n',
    b'{"event":[]}{"event":0}{"event":true}{"event":1.5}',
    b'{"event":"a","time":1795452183}',
    b'{"event":"a","time":1795452183.042}',
    b'{"event":"a","time":"1795452183.042"}',
    b'{"event":"a","time":0}',
    '{"event":"ä\U0001f600","fields":{"x":["1",2,true],"y":1.5,"z":[]},"index":"k8s","host":"h"}'.encode(),
    b'{"event":"\\ud83d\\ude00"}',
]


class GrammarTests(Case):
    """What the event endpoint refuses, notes and takes."""

    def test_refused_bodies(self):
        self.assertGreater(len(REFUSED), 25)
        with self.receiver("--index", "k8s", "--index", "risk") as hec:
            for body, code, number, indexed in REFUSED:
                for packed in (False, True):
                    with self.subTest(body[:60], packed=packed):
                        before, noted = len(hec.events()), len(hec.read("violations"))
                        headers = {**AUTHORIZED, "Content-Encoding": "gzip"} if packed else AUTHORIZED
                        status, reply = hec.post(gzip.compress(body) if packed else body, headers=headers)
                        self.assertEqual((status, reply["code"], reply.get("invalid-event-number")),
                                         (400, code, number))
                        self.assertEqual("".join(hec.events()[before:]), indexed)
                        self.assertEqual([line["kind"] for line in hec.read("violations")[noted:]], ["refused"])

    def test_noted_bodies(self):
        with self.receiver() as hec:
            for body, kind in NOTED:
                with self.subTest(body):
                    noted = len(hec.read("violations"))
                    self.assertEqual(hec.post(body), (200, {"text": "Success", "code": 0}))
                    new = hec.read("violations")[noted:]
                    self.assertEqual([(line["kind"], line["event"]) for line in new], [(kind, 0)])

    def test_clean_bodies(self):
        with self.receiver("--index", "k8s") as hec:
            for body in CLEAN:
                self.assertEqual(hec.post(body), (200, {"text": "Success", "code": 0}), body)
            self.assertEqual(hec.read("violations"), [])

    def test_what_is_received(self):
        envelope = {"time": 1795452183.042, "host": "h", "source": "s", "sourcetype": "_json", "index": "k8s",
                    "event": {"x": [1, None, "ä"]}, "fields": {"c": "d"}}
        with self.receiver() as hec:
            hec.post(json.dumps(envelope) + '{"event":1,"time":"2.5"}', headers=WITH_CHANNEL)
            self.assertEqual(hec.read("received"), [
                {"channel": CHANNEL, "sequence": 0, **envelope},
                {"channel": CHANNEL, "sequence": 1, "time": "2.5", "host": None, "source": None, "sourcetype": None,
                 "index": None, "event": 1, "fields": None}])

    def test_raw(self):
        with self.receiver("--index", "k8s") as hec:
            path = f"{RAW}?index=k8s&source=s&channel={CHANNEL}"
            self.assertEqual(hec.post(b"one\r\n\ntwo", path)[0], 200)
            self.assertEqual(hec.events(), ["one", "two"])
            self.assertEqual((hec.read("received")[1]["source"], hec.read("received")[1]["channel"]), ("s", CHANNEL))
            self.assertEqual(hec.read("violations"), [])
            self.assertEqual(hec.post(b"one", f"{RAW}?index=other&channel={CHANNEL}")[1]["code"], 7)
            self.assertEqual(hec.post(b"\n", path)[1]["code"], 5)
            self.assertEqual(hec.post(b"one", RAW)[1]["code"], 10)
            hec.post(b"\xff", path)
            hec.post(b"one", f"{path}&fields=x")
            self.assertEqual([line["kind"] for line in hec.read("violations")],
                             ["refused", "refused", "encoding", "query"])


RULE = "ESCU - Kubernetes Pod With Host Network Attachment - Rule"
RISK = {
    "search_name": RULE, "user": "alice", "user_groups": 'devs"x\\\nops', "objectRef.name": "sniffer",
    "k/last-applied{}": '{"a":"b"}', "orig_sid": "scheduler__1", "info_min_time": "1795448583.000",
    "info_max_time": "1795452183.000", "info_search_time": "1795452000.000", "savedsearch_description": "Pods.",
    "risk_object": "alice", "risk_object_type": "user", "risk_score": "49.0", "risk_message": "Pod of alice, x=1.",
    "threat_object": "10.0.0.5", "threat_object_type": "ip_address", "analyticstories": "Kubernetes Security",
    "annotations": '{"mitre_attack":["T1204"]}', "annotations.mitre_attack": "T1204",
    "annotations._all": "T1204", "annotations._frameworks": "mitre_attack",
    "contributing_events_search": f'| savedsearch "{RULE}" | search user="alice"',
}


def stash_line(pairs, epoch="1795452183"):
    escaped = (f'{key}="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for key, value in pairs)
    return ", ".join([epoch, *escaped])


class StashTests(Case):
    """Risk events as Enterprise Security needs them."""

    def problems(self, hec, line, source=RULE):
        noted = len(hec.read("violations"))
        body = json.dumps({"event": line, "sourcetype": "stash", "source": source, "index": "risk"})
        self.assertEqual(hec.post(body)[0], 200)
        new = hec.read("violations")[noted:]
        self.assertEqual({line["kind"] for line in new} - {"stash"}, set())
        return [line["detail"] for line in new]

    def test_good_lines(self):
        with self.receiver() as hec:
            self.assertEqual(self.problems(hec, stash_line(RISK.items())), [])
            self.assertEqual(self.problems(hec, stash_line([*RISK.items(), ("threat_object", "x")], "1795452183.042")), [])

    def test_bad_grammar(self):
        good = stash_line(RISK.items())
        bad = [RISK, good[12:], "x" + good, good + " ", good + ",", good + "\n", good[:-1], good.replace(", ", ","),
               good.replace(", ", " "), good.replace('"alice"', "alice", 1), good.replace('\\"', '"'),
               good.replace("risk_score=", "risk score="), good.replace('="', '= "', 1), good[:10], good + ', x="a""']
        with self.receiver() as hec:
            for line in bad:
                with self.subTest(line):
                    found = self.problems(hec, line)
                    self.assertEqual(len(found), 1)
                    self.assertIn("escaped quotes", found[0])

    def test_missing_keys(self):
        with self.receiver() as hec:
            for key in ("search_name", "orig_sid", "risk_object", "risk_object_type", "risk_score", "risk_message",
                        "analyticstories", "annotations.mitre_attack", "contributing_events_search", "info_min_time",
                        "info_max_time", "info_search_time", "savedsearch_description", "annotations._all",
                        "annotations._frameworks"):
                rest = {name: value for name, value in RISK.items() if name != key}
                self.assertEqual(self.problems(hec, stash_line(rest.items())), [f"{key} is missing or blank"])
                self.assertEqual(self.problems(hec, stash_line({**RISK, key: " "}.items())), [f"{key} is missing or blank"])

    def test_bad_values(self):
        with self.receiver() as hec:
            for key, value in (("risk_score", "high"), ("risk_score", "-1"), ("risk_score", "4,9"),
                               ("risk_object_type", "pod"), ("annotations", "T1204"), ("search_name", "other"),
                               ("info_max_time", "x"), ("info_search_time", "1795452184")):
                self.assertEqual(len(self.problems(hec, stash_line({**RISK, key: value}.items()))), 1, (key, value))
            self.assertEqual(self.problems(hec, stash_line([*RISK.items(), ("risk_object", "bob")])),
                             ["risk_object is there twice"])


class HTTPTests(Case):
    """Paths, methods, heads, bodies and their limits."""

    def test_paths_and_methods(self):
        with self.receiver() as hec:
            for path in ("/", "/services", "/services/collector/", f"{EVENT}/2.0", f"{EVENT}/", "/services/collector/acks"):
                self.assert_html(hec.ask("POST", path, b"{}"), 404)
                self.assert_html(hec.ask("GET", path), 404)
            for path in ("/services/collector", EVENT, f"{EVENT}/1.0", RAW, f"{RAW}/1.0", ACK):
                for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
                    self.assert_html(hec.ask(method, path), 405)
            for path in (HEALTH, f"{HEALTH}/1.0"):
                self.assert_html(hec.ask("POST", path, b"{}"), 405)
                self.assertEqual(hec.ask("HEAD", path)[0], 405)
                self.assertEqual(hec.ask("GET", path, headers={})[:2], (200, {"text": "HEC is healthy", "code": 17}))
            for path in ("/services/collector", EVENT, f"{EVENT}/1.0"):
                self.assertEqual(hec.post(path=path)[0], 200)

    def test_authorization(self):
        with self.receiver("--disabled-token", "old", "--token", "second") as hec:
            for value, status, code in ((None, 401, 2), ("", 401, 3), (TOKEN, 401, 3), (f"Bearer {TOKEN}", 401, 3),
                                        (f"splunk {TOKEN}", 401, 3), (f"Splunk  {TOKEN}", 401, 3), ("Splunk", 401, 3),
                                        ("Splunk nobody", 403, 4), ("Splunk old", 403, 1), ("Splunk second", 200, 0),
                                        (f"Splunk {TOKEN}", 200, 0)):
                headers = JSON_TYPE if value is None else {**JSON_TYPE, "Authorization": value}
                answer = hec.post(headers=headers)
                self.assertEqual((answer[0], answer[1]["code"]), (status, code), value)
            self.assertEqual(hec.post(path=f"{EVENT}?token={TOKEN}", headers=JSON_TYPE)[1]["code"], 16)
            self.assertEqual(hec.read("violations")[0]["kind"], "query")
            self.assertEqual(len(hec.events()), 6)

    def test_encodings(self):
        with self.receiver() as hec:
            for name, data in (("deflate", zlib.compress(THREE)), ("br", b"x"), ("identity", THREE), ("gzip, gzip", b"x")):
                self.assert_html(hec.post(data, headers={**AUTHORIZED, "Content-Encoding": name}), 415)
            packed = gzip.compress(THREE)
            for data in (THREE, packed[:-4], packed + b"x", packed + packed, b""):
                status, reply = hec.post(data, headers={**AUTHORIZED, "Content-Encoding": "gzip"})
                self.assertEqual((status, reply), (400, {"text": "Invalid data format", "code": 6}), data)
            self.assertEqual(hec.events(), [])
            self.assertEqual(len(hec.read("violations")), 9)
            self.assertEqual(hec.post(packed, headers={**AUTHORIZED, "Content-Encoding": "gzip"})[0], 200)
            line = hec.read("requests")[-1]
            self.assertEqual((line["wire_bytes"], line["body_bytes"], line["events"], line["content_encoding"]),
                             (len(packed), len(THREE), 3, "gzip"))

    def test_heads_that_are_noted(self):
        with self.receiver() as hec:
            for head in ("Content-Type: text/plain", "", "Content-Type: application/json\r\nContent-Type: text/plain",
                         f"Content-Type: application/json\r\nAuthorization: Splunk {TOKEN}",
                         "Content-Type: application/json\r\nContent-Length: 13"):
                noted = len(hec.read("violations"))
                lines = f"POST {EVENT} HTTP/1.1\r\nHost: x\r\nAuthorization: Splunk {TOKEN}\r\nContent-Length: 13\r\n"
                answer = hec.send_bytes(f"{lines}{head}{chr(13) + chr(10) if head else ''}\r\n".encode() + b'{"event":"a"}')
                self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK"), (head, answer))
                self.assertEqual([line["kind"] for line in hec.read("violations")[noted:]], ["header"], head)
            hec.post(headers={**AUTHORIZED, "Content-Type": "application/json; charset=utf-8"})
            self.assertEqual(len(hec.read("violations")), 5)
            hec.post(path=f"{EVENT}?index=x&channel={CHANNEL}", headers={**WITH_CHANNEL,
                     "X-Splunk-Request-Channel": str(uuid.uuid4())})
            self.assertEqual([line["kind"] for line in hec.read("violations")[5:]], ["query", "query"])

    def test_lengths_that_are_refused(self):
        with self.receiver() as hec:
            for head, status in (("", 411), ("Transfer-Encoding: chunked", 411), ("Content-Length: x", 400),
                                 ("Content-Length: -1", 400), ("Content-Length: 1\r\nContent-Length: 2", 400)):
                lines = f"POST {EVENT} HTTP/1.1\r\nHost: x\r\nAuthorization: Splunk {TOKEN}\r\n"
                answer = hec.send_bytes(f"{lines}{head}{chr(13) + chr(10) if head else ''}\r\n".encode())
                self.assertTrue(answer.startswith(f"HTTP/1.1 {status} ".encode()), (head, answer))
                self.assertIn(b"<html>", answer)

    def test_sizes(self):
        with self.receiver("--max-bytes", "1000") as hec:
            fits = b'{"event":"' + b"x" * 988 + b'"}'
            self.assertEqual((len(fits), hec.post(fits)[0]), (1000, 200))
            self.assert_html(hec.post(fits + b" "), 413)
            self.assert_html(hec.post(b" " * 5_000_000), 413)
            bomb = gzip.compress(b" " * 100_000)
            self.assertLess(len(bomb), 1000)
            self.assert_html(hec.post(bomb, headers={**AUTHORIZED, "Content-Encoding": "gzip"}), 413)
            self.assertEqual(len(hec.events()), 1)

    def test_bodies_that_do_not_come(self):
        head = f"POST {EVENT} HTTP/1.1\r\nHost: x\r\nAuthorization: Splunk {TOKEN}\r\n".encode()
        head += b'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"event":"a"}'
        with self.receiver("--body-timeout", "0.3") as hec:
            self.assertTrue(hec.send_bytes(head, end=False).startswith(b"HTTP/1.1 408 "))
            self.assertEqual(hec.send_bytes(head), b"")
            self.assertEqual([line["kind"] for line in hec.read("violations")], ["body", "body"])
            self.assertEqual(hec.events(), [])

    def test_keep_alive(self):
        with self.receiver(script=[{"accept": True}, {"code": 9}, {"status": 500}]) as hec:
            connection = hec.connect()
            statuses = [hec.post(connection=connection)[0]]
            link = connection.sock
            statuses += [hec.post(connection=connection)[0] for _ in range(3)]
            statuses.append(hec.ask("POST", "/nowhere", b"xyz", connection=connection)[0])
            statuses.append(hec.ask("GET", HEALTH, connection=connection)[0])
            self.assertEqual(statuses, [200, 503, 500, 200, 404, 200])
            self.assertIs(connection.sock, link)
            connection.close()

    def test_request_log(self):
        with self.receiver(script=[{"code": 9}]) as hec:
            hec.post()
            time.sleep(0.3)
            hec.post(THREE + b"x", headers=WITH_CHANNEL)
            first, second = hec.read("requests")
            self.assertEqual(first | {"seconds": 0, "time": 0}, {
                "seconds": 0, "time": 0, "method": "POST", "path": EVENT, "status": 503, "code": 9, "channel": None,
                "wire_bytes": len(THREE), "body_bytes": len(THREE), "events": 3, "indexed": 0,
                "content_encoding": None, "script": {"code": 9}})
            self.assertEqual((second["status"], second["code"], second["channel"], second["events"], second["indexed"]),
                             (400, 6, CHANNEL, 3, 3))
            self.assertGreater(second["seconds"] - first["seconds"], 0.25)


class AckTests(Case):
    """Indexer acknowledgement."""

    def poll(self, hec, *ids, channel=CHANNEL):
        status, reply = hec.post(json.dumps({"acks": ids}), f"{ACK}?channel={channel}")
        self.assertEqual(status, 200)
        return list(reply["acks"].values())

    def test_ids_and_their_life(self):
        other = str(uuid.uuid4())
        with self.receiver("--ack", "--ack-delay", "0.5") as hec:
            self.assertEqual(hec.post(headers=WITH_CHANNEL)[1], {"text": "Success", "code": 0, "ackId": 0})
            self.assertEqual(hec.post(path=f"{EVENT}?channel={CHANNEL}")[1]["ackId"], 1)
            self.assertEqual(hec.post(headers={**AUTHORIZED, "X-Splunk-Request-Channel": other})[1]["ackId"], 0)
            self.assertEqual(self.poll(hec, 0, 1, 5), [False, False, False])
            self.assertEqual(hec.events(), [])
            time.sleep(0.8)
            self.assertEqual(len(hec.events()), 9)
            self.assertEqual(self.poll(hec, 1, channel=other), [False])
            self.assertEqual(self.poll(hec, 0, 1, 5), [True, True, False])
            self.assertEqual(self.poll(hec, 0, 1), [False, False])
            self.assertEqual(self.poll(hec, 0, channel=other), [True])
            self.assertEqual(hec.read("violations"), [])

    def test_channels(self):
        with self.receiver("--ack") as hec:
            for path in (EVENT, RAW, ACK):
                self.assertEqual(hec.post(path=path), (400, {"text": "Data channel is missing", "code": 10}))
                for bad in ("1", CHANNEL[:-1], CHANNEL + "0", CHANNEL.replace("-", ""), "{" + CHANNEL + "}", CHANNEL[:-1] + "g"):
                    headers = {**AUTHORIZED, "X-Splunk-Request-Channel": bad}
                    self.assertEqual(hec.post(path=path, headers=headers), (400, {"text": "Invalid data channel", "code": 11}))
            self.assertEqual(hec.post(headers={**WITH_CHANNEL, "X-Splunk-Request-Channel": CHANNEL.upper()})[0], 200)

    def test_polls_that_are_refused(self):
        with self.receiver("--ack") as hec:
            for body in (b"[0]", b"{}", b'{"acks":0}', b'{"acks":{"0":true}}', b'{"acks":["0"]}', b'{"acks":[0.0]}',
                         b'{"acks":[-1]}', b'{"acks":[true]}', b'{"acks":[null]}', b'{"acks":[0],"x":1}',
                         b'{"acks":[0]}{"acks":[1]}', b'{"acks":[0]', b'{"acks":[0]}x', b'{"ack":[0]}'):
                self.assertEqual(hec.post(body, ACK, WITH_CHANNEL), (400, {"text": "Invalid data format", "code": 6}), body)
            self.assertEqual(hec.post(b" ", ACK, WITH_CHANNEL)[1]["code"], 5)
            self.assertEqual({line["kind"] for line in hec.read("violations")}, {"refused"})
            for body in (b'{"acks":[]}', b'{"acks":[1,1]}'):
                self.assertEqual(hec.post(body, ACK, WITH_CHANNEL)[0], 200)
            self.assertEqual([line["kind"] for line in hec.read("violations")[-2:]], ["poll", "poll"])
            self.assertEqual(hec.post(b'{"acks":[0]}', ACK, {"X-Splunk-Request-Channel": CHANNEL, **JSON_TYPE})[1]["code"], 2)

    def test_ack_off(self):
        with self.receiver() as hec:
            self.assertEqual(hec.post(b'{"acks":[0]}', ACK, WITH_CHANNEL), (400, {"text": "ACK is disabled", "code": 14}))
            self.assertEqual(hec.post(headers=WITH_CHANNEL)[1], {"text": "Success", "code": 0})

    def test_a_refused_batch_has_no_id_but_its_first_part_is_indexed(self):
        with self.receiver("--ack", "--ack-delay", "60") as hec:
            self.assertEqual(hec.post(THREE + b"x", headers=WITH_CHANNEL)[1],
                             {"text": "Invalid data format", "code": 6, "invalid-event-number": 3})
            self.assertEqual(hec.events(), ["a", "b", "c"])
            self.assertEqual(hec.post(headers=WITH_CHANNEL)[1]["ackId"], 0)

    def test_ends_in_order_and_otherwise(self):
        hec = self.receiver("--ack", "--ack-delay", "60")
        with hec:
            hec.post(headers=WITH_CHANNEL)
            self.assertEqual(hec.end(signal.SIGTERM), 0)
        self.assertEqual(len(hec.events()), 3)
        with hec:
            self.assertEqual(hec.post(headers=WITH_CHANNEL)[1]["ackId"], 0)
            hec.end(signal.SIGKILL)
        self.assertEqual(len(hec.events()), 3)
        with hec:
            self.assertEqual(self.poll(hec, 0), [False])


class Sender(threading.Thread):
    """Posts small batches on one connection until the receiver is gone; keeps what it was told."""

    def __init__(self, hec, limit=None, acks=False):
        super().__init__()
        self.hec, self.limit, self.acks = hec, limit, acks
        self.channel = str(uuid.uuid4())
        self.headers = {**AUTHORIZED, "X-Splunk-Request-Channel": self.channel}
        self.sent, self.acknowledged = 0, []
        self.waiting = {}

    def run(self):
        connection = self.hec.connect()
        try:
            while self.sent != self.limit:
                self.send(connection)
                if self.acks:
                    self.poll(connection)
        except (OSError, http.client.HTTPException):
            pass
        connection.close()

    def send(self, connection):
        batch = [f"{self.channel} {self.sent} {number} {'x' * 2000}" for number in range(3)]
        self.sent += 1
        status, reply = self.hec.post("".join(json.dumps({"event": event}) for event in batch),
                                      headers=self.headers, connection=connection)
        assert status == 200, reply
        if self.acks:
            self.waiting[str(reply["ackId"])] = batch
        else:
            self.acknowledged += batch

    def poll(self, connection):
        body = json.dumps({"acks": [int(ack) for ack in self.waiting]})
        for ack, indexed in self.hec.post(body, ACK, self.headers, connection)[1]["acks"].items():
            if indexed:
                self.acknowledged += self.waiting.pop(ack)


class LoadTests(Case):
    """Several clients at once, and sudden ends."""

    @classmethod
    def setUpClass(cls):
        cls.certificates = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.certificates.cleanup)
        cls.certificate = f"{cls.certificates.name}/both.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", f"{cls.certificates.name}/key.pem", "-out", f"{cls.certificates.name}/cert.pem"],
                       check=True, capture_output=True)
        parts = [Path(cls.certificates.name, name).read_text() for name in ("cert.pem", "key.pem")]
        Path(cls.certificate).write_text("".join(parts))

    def assert_sequence(self, hec):
        self.assertEqual([line["sequence"] for line in hec.read("received")], list(range(len(hec.events()))))

    def test_four_clients_over_tls(self):
        with self.receiver(certificate=self.certificate) as hec:
            silent = socket.create_connection(("127.0.0.1", hec.port))
            senders = [Sender(hec, limit=25) for _ in range(4)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join(30)
            silent.close()
            expected = [event for sender in senders for event in sender.acknowledged]
            self.assertEqual(len(expected), 4 * 25 * 3)
            self.assertEqual(sorted(hec.events()), sorted(expected))
            self.assert_sequence(hec)
            self.assertEqual(hec.read("violations"), [])
            with self.assertRaises(ssl.SSLCertVerificationError):
                stranger = http.client.HTTPSConnection("localhost", hec.port, timeout=5)
                stranger.request("GET", HEALTH)
            self.assertEqual(hec.ask("GET", HEALTH)[0], 200)

    def test_failures_over_tls(self):
        script = [{"drop": "before"}, {"drop": "after"}, {"truncate": True}, {"slow": 0.2}]
        with self.receiver(certificate=self.certificate, script=script) as hec:
            for _ in range(3):
                with self.assertRaises((http.client.HTTPException, OSError)):
                    hec.post()
            self.assertEqual(hec.post()[0], 200)
            self.assertEqual(len(hec.events()), 9)

    def kill_during_load(self, *options, acks=False):
        hec = self.receiver(*options)
        acknowledged, rounds = [], 3
        for _ in range(rounds):
            with hec:
                senders = [Sender(hec, acks=acks) for _ in range(4)]
                for sender in senders:
                    sender.start()
                time.sleep(1)
                hec.end(signal.SIGKILL)
                for sender in senders:
                    sender.join(10)
                acknowledged += [event for sender in senders for event in sender.acknowledged]
        with hec:
            received = hec.events()
        self.assertGreater(len(acknowledged), rounds * 30)
        self.assertEqual(set(acknowledged) - set(received), set())
        self.assertEqual(len(set(received)), len(received))
        self.assert_sequence(hec)
        print(f"\nkilled {rounds} times{' with acks' * acks}: {len(acknowledged)} acknowledged, "
              f"{len(received)} received, none lost", file=sys.stderr)

    def test_kill_loses_nothing_acknowledged(self):
        self.kill_during_load()

    def test_kill_loses_nothing_acknowledged_with_acks(self):
        self.kill_during_load("--ack", "--ack-delay", "0.05", acks=True)

    def test_torn_line(self):
        hec = self.receiver()
        Path(hec.file("received")).write_text('{"sequence":0,"event":"a"}\n{"sequence":1,"ev')
        with hec:
            hec.post(b'{"event":"b"}')
        self.assertEqual(hec.events(), ["a", "b"])
        self.assert_sequence(hec)

    def test_ends(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.receiver() as hec:
                senders = [Sender(hec) for _ in range(4)]
                for sender in senders:
                    sender.start()
                time.sleep(0.3)
                self.assertEqual(hec.end(number), 0)
                for sender in senders:
                    sender.join(10)
                acknowledged = {event for sender in senders for event in sender.acknowledged}
                self.assertEqual(acknowledged - set(hec.events()), set())
        hec = self.receiver("--lifetime", "0.5")
        with hec:
            self.assertEqual(hec.process.wait(5), 0)

    def test_options(self):
        for options in (["--plain"], ["--token", "t", "--received", "/dev/null"],
                        ["--plain", "--token", "t", "--received", "/nowhere/x"]):
            ran = subprocess.run([sys.executable, str(HERE / "receiver.py"), *options], capture_output=True, timeout=10)
            self.assertNotEqual(ran.returncode, 0)
            self.assertEqual(ran.stdout, b"")


if __name__ == "__main__":
    unittest.main()
