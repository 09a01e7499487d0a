"""What clients do that break, hang or attack. None of them sends a whole review, so none may leave a risk event."""
from __future__ import annotations

import random
import socket
import ssl
import struct
import time
from collections.abc import Callable

from client import Connection

Act = Callable[[int, ssl.SSLContext, bytes, random.Random], None]


def plain(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def hang_up_in_a_body(port: int, context: ssl.SSLContext, request: bytes, generator: random.Random) -> None:
    connection = Connection(port, context)
    connection.tls.sendall(request[: generator.randrange(1, len(request) - 1)])
    if generator.random() < 0.5:
        # With a reset instead of an end.
        connection.plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def stop_in_a_body(port: int, context: ssl.SSLContext, request: bytes, generator: random.Random) -> None:
    connection = Connection(port, context)
    connection.tls.sendall(request[: len(request) // 2])
    time.sleep(generator.uniform(0.2, 1.5))
    connection.close()


def abandon_a_handshake(port: int, context: ssl.SSLContext, request: bytes, generator: random.Random) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    handshake = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        handshake.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    with plain(port) as connection:
        connection.sendall(hello[: generator.randrange(1, len(hello) + 1)])
        time.sleep(generator.uniform(0, 0.5))


def send_garbage(port: int, context: ssl.SSLContext, request: bytes, generator: random.Random) -> None:
    with plain(port) as connection:
        connection.sendall(generator.randbytes(generator.randrange(1, 20_000)))
        connection.recv(4_096)


def send_garbage_in_tls(port: int, context: ssl.SSLContext, request: bytes, generator: random.Random) -> None:
    connection = Connection(port, context)
    try:
        connection.tls.sendall(generator.randbytes(generator.randrange(1, 5_000)) + b"\r\n\r\n")
        connection.tls.recv(4_096)
    finally:
        connection.close()


def send_no_tls(port: int, context: ssl.SSLContext, request: bytes, generator: random.Random) -> None:
    with plain(port) as connection:
        connection.sendall(request)
        connection.recv(4_096)


def say_nothing(port: int, context: ssl.SSLContext, request: bytes, generator: random.Random) -> None:
    with plain(port):
        time.sleep(generator.uniform(0, 0.5))


ACTS: list[Act] = [
    hang_up_in_a_body,
    stop_in_a_body,
    abandon_a_handshake,
    send_garbage,
    send_garbage_in_tls,
    send_no_tls,
    say_nothing,
]
