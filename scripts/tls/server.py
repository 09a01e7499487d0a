"""The server under attack, seen from outside: its process, its memory, and whether it serves a well-behaved client."""

import json
import pathlib
import socket
import ssl

from wire import expect

# What one attack may add to the process while its connection is open.
GROWTH_KIB = 6 * 1024


class Server:
    def __init__(self, port, pid, authority, review):
        self.port = port
        self.pid = pid
        self.review = pathlib.Path(review).read_bytes()
        self.uid = json.loads(self.review)["request"]["uid"]
        self.context = ssl.create_default_context(cafile=authority)
        self.context.set_alpn_protocols(["http/1.1"])
        self.started = self._start_time()

    def _start_time(self):
        """Of the process, in clock ticks since boot: a new process with the same id has another one."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        expect(fields[0] not in "ZX", "the server process is dead")
        return fields[19]

    def resident_kib(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise ProcessLookupError(self.pid)

    def expect_alive(self):
        try:
            expect(self._start_time() == self.started, "another process has the server's id")
        except FileNotFoundError:
            expect(False, "the server process is gone")

    def expect_serving(self):
        """A conversation as it should be, by Python's ssl: a verified handshake, and a review that is answered."""
        head = f"POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" \
               f"Content-Length: {len(self.review)}\r\nConnection: close\r\n\r\n"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
                with self.context.wrap_socket(plain, server_hostname="localhost") as tls:
                    tls.sendall(head.encode() + self.review)
                    answer = b"".join(iter(lambda: tls.recv(65_536), b""))
        except OSError as problem:
            expect(False, f"a well-behaved client is not served any more: {problem!r}")
        status, _, body = answer.partition(b"\r\n\r\n")
        expect(status.startswith(b"HTTP/1.1 200 "), f"a well-behaved client got {status[:80]!r}")
        response = json.loads(body)["response"]
        expect(response["uid"] == self.uid and response["allowed"], f"a well-behaved client got {body[:200]!r}")


class Growth:
    """Memory that the server has taken since this was made."""

    def __init__(self, server):
        self.server = server
        self.before = server.resident_kib()

    def expect_bounded(self, bound=GROWTH_KIB):
        grown = self.server.resident_kib() - self.before
        expect(grown <= bound, f"the server has grown by {grown} KiB, at most {bound} KiB were expected")
        return f"{grown:+} KiB"
