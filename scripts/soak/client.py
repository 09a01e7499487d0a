"""A keep-alive HTTPS client that knows exactly what was sent and what came back."""
from __future__ import annotations

import dataclasses
import socket
import ssl
import time

# Above everything that the server may need, SIGSTOP included; what is later is lost.
SECONDS_MAX = 30


class Unanswered(Exception):
    """The connection ended and there is no answer; `sent` is when the last byte of the request had been taken, or 0."""

    def __init__(self, why: str, sent: float) -> None:
        super().__init__(why)
        self.sent = sent


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    # Whether the server said that the connection ends with this answer.
    is_last: bool
    sent: float


def trusting(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority)


class Connection:
    """One connection with the certificate verified; raises OSError when it cannot be made."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self.plain = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_MAX)
        try:
            self.plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.tls = context.wrap_socket(self.plain, server_hostname="localhost")
        except BaseException:
            self.plain.close()
            raise

    def close(self) -> None:
        self.tls.close()

    def ask(self, request: bytes) -> Answer:
        sent = 0.0
        try:
            self.tls.sendall(request)
            sent = time.monotonic()
            return self.read(sent)
        except OSError as error:
            raise Unanswered(repr(error), sent) from error

    def read(self, sent: float) -> Answer:
        """An answer with a Content-Length, which all answers of this server have."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive(sent, data)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers["content-length"])
        while len(body) < length:
            body += self.receive(sent, data)
        return Answer(int(lines[0].split()[1]), body, headers.get("connection", "").lower() == "close", sent)

    def receive(self, sent: float, so_far: bytes) -> bytes:
        part = self.tls.recv(65_536)
        if not part:
            raise Unanswered("closed in the middle of an answer" if so_far else "closed", sent)
        return part
