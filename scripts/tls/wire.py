"""Bytes on the wire: records of our own making, ClientHellos, and what the server says to them."""

import os
import socket

from tlslite.constants import AlertDescription, ContentType, HandshakeType
from tlslite.extensions import (ALPNExtension, ClientKeyShareExtension, KeyShareEntry, SignatureAlgorithmsExtension,
                                SupportedGroupsExtension, SupportedVersionsExtension, TLSExtension)
from tlslite.messages import ClientHello

SSL3, TLS10, TLS11, TLS12, TLS13 = (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)
X25519, P256 = 29, 23
ECDSA_P256_SHA256, RSA_PSS_SHA256 = (4, 3), (8, 4)
GOOD_SUITES = [0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xCCA9, 0xC02F, 0xC030, 0xCCA8]
WARNING, FATAL = 1, 2


class Broken(Exception):
    """An expectation that did not hold."""


def expect(holds, sentence):
    if not holds:
        raise Broken(sentence)


def record(content_type, payload, version=TLS12):
    """One record as it is; nothing is checked, split or encrypted."""
    return bytes([content_type, *version]) + len(payload).to_bytes(2, "big") + bytes(payload)


def alert(level, description):
    return bytes([level, description])


def hello(versions=(TLS13, TLS12), suites=None, groups=(X25519, P256), shares=None, alpn=(b"http/1.1",),
          signatures=(ECDSA_P256_SHA256, RSA_PSS_SHA256), compression=(0,), client_version=TLS12, extra=()):
    """A ClientHello message. `versions` None leaves out supported_versions; `shares` is by default one for X25519."""
    extensions = [SignatureAlgorithmsExtension().create(list(signatures)),
                  SupportedGroupsExtension().create(list(groups))]
    if versions:
        extensions.append(SupportedVersionsExtension().create(list(versions)))
    if alpn:
        extensions.append(ALPNExtension().create([bytearray(name) for name in alpn]))
    if versions and TLS13 in versions:
        shares = [(X25519, os.urandom(32))] if shares is None else shares
        entries = [KeyShareEntry().create(group, bytearray(key)) for group, key in shares]
        extensions.append(ClientKeyShareExtension().create(entries))
    extensions += [extension(number, payload) for number, payload in extra]
    message = ClientHello().create(client_version, bytearray(os.urandom(32)), bytearray(os.urandom(32)),
                                   list(suites or GOOD_SUITES), extensions=extensions)
    message.compression_methods = list(compression)
    return bytes(message.write())


def extension(number, payload=b""):
    return TLSExtension(extType=number).create(number, bytearray(payload))


class Reply:
    """What the server sent, as (content type, payload), and how it ended: closed, reset or open (it said no more)."""

    def __init__(self):
        self.records = []
        self.ending = "open"

    @property
    def alerts(self):
        return [(data[0], data[1]) for kind, data in self.records if kind == ContentType.alert and len(data) == 2]

    @property
    def messages(self):
        """Types of the handshake messages; of plain text, so only those that begin a record."""
        return [data[0] for kind, data in self.records if kind == ContentType.handshake and data]

    def __str__(self):
        words = []
        for level, description in self.alerts:
            words.append(f"{'fatal' if level == FATAL else 'warning'} {AlertDescription.toStr(description)}")
        words += [f"message {HandshakeType.toStr(kind)}" for kind in self.messages]
        count = len(self.records) - len(words)
        return ", ".join([*words[:6], *([f"{count} other records"] if count else []), self.ending])

    def expect_fatal(self, *descriptions):
        """One fatal alert, one of `descriptions`, as the last word before the end."""
        fatal = [description for level, description in self.alerts if level == FATAL]
        wanted = " or ".join(AlertDescription.toStr(description) for description in descriptions)
        expect(len(fatal) == 1 and fatal[0] in descriptions, f"expected fatal {wanted}, got {self}")
        expect(self.records[-1][0] == ContentType.alert, f"something follows the alert: {self}")
        self.expect_end()
        return AlertDescription.toStr(fatal[0])

    def expect_refused(self, *descriptions):
        """As `expect_fatal`, and nothing before it: no ServerHello."""
        expect(not self.messages, f"expected no handshake, got {self}")
        return self.expect_fatal(*descriptions)

    def expect_silent_end(self):
        """Nothing but the end: neither a handshake nor an alert."""
        expect(not self.records, f"expected nothing but the end, got {self}")
        self.expect_end()
        return self.ending

    def expect_end(self):
        expect(self.ending != "open", f"the connection was left open: {self}")


def gather(take, closed, until=lambda records: False):
    """Records until `until` holds, the end, of which `take` says with `closed`, or until the server says no more."""
    reply = Reply()
    try:
        while not until(reply.records) and len(reply.records) < 10_000:
            reply.records.append(take())
    except closed:
        reply.ending = "closed"
    except ConnectionError:
        reply.ending = "reset"
    except TimeoutError:
        pass
    return reply


class Wire:
    """A TCP connection on which anything can be said."""

    def __init__(self, port, seconds=8, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(seconds)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def put(self, data):
        """Sends all of it; false once the server no longer takes any."""
        try:
            self.socket.sendall(data)
            return True
        except (ConnectionError, TimeoutError):
            return False

    def finish(self):
        """Says that nothing more comes."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def take(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def take_record(self):
        header = self.take(5)
        return header[0], self.take(int.from_bytes(header[3:], "big"))

    def read(self):
        """Plain records until the end, or until the server says nothing more for the time limit."""
        return gather(self.take_record, EOFError)


def ask(port, *parts, seconds=8):
    """Sends `parts` on a new connection and returns the reply."""
    with Wire(port, seconds) as wire:
        for part in parts:
            if not wire.put(part):
                break
        return wire.read()


def ask_hello(port, message):
    return ask(port, record(ContentType.handshake, message, TLS10))
