"""Hellos and handshakes that must be refused, each with the alert that says why."""

import os

from tlslite.constants import AlertDescription as Alert
from tlslite.constants import ContentType, ExtensionType, HandshakeType
from tlslite.messages import Certificate, Message

from catalogue import Catalogue
from client import REQUEST, Client
from wire import (SSL3, TLS10, TLS11, TLS12, TLS13, Wire, ask, ask_hello, expect, hello, record)

CONVERSATIONS = Catalogue()
HEARTBEAT = 24
WEAK_SUITES = {
    "RSA key exchange": [0x009C, 0x009D, 0x002F, 0x0035],
    "CBC": [0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC024, 0xC027],
    "finite-field DHE": [0x009E, 0x009F, 0xCCAA, 0x0033],
    "CCM": [0xC0AC, 0xC0AD, 0xC0AE],
    "3DES": [0x000A, 0xC008, 0xC012],
    "RC4": [0x0005, 0xC007, 0xC011],
    "NULL": [0x0001, 0x0002, 0x003B, 0xC006, 0xC010],
    "anonymous": [0x0018, 0x0034, 0x006C, 0x00A6, 0xC018],
    "export": [0x0003, 0x0008, 0x0014],
    "PSK": [0x00A8, 0xD001, 0xC035],
}


def add_hello(sentence, alerts, **settings):
    """A hello that must be answered by nothing but one of `alerts`."""
    @CONVERSATIONS.add(sentence)
    def play(server):
        return ask_hello(server.port, hello(**settings)).expect_refused(*alerts)


OLD_SUITES = [0xC009, 0xC013, 0x002F, 0xC02B]
# SSL 3.0 has no alert protocol_version.
add_hello("SSL 3.0 is refused", [Alert.handshake_failure], versions=None, client_version=SSL3, suites=OLD_SUITES)
for name, version in (("TLS 1.0", TLS10), ("TLS 1.1", TLS11)):
    add_hello(f"{name} is refused", [Alert.protocol_version], versions=None, client_version=version, suites=OLD_SUITES)
add_hello("TLS 1.1 in supported_versions alone is refused", [Alert.protocol_version], versions=(TLS11,))
add_hello("a fallback to TLS 1.2 by a client that knows more is refused", [Alert.inappropriate_fallback],
          versions=None, suites=[0xC02B, 0x5600])
for name, suites in WEAK_SUITES.items():
    add_hello(f"TLS 1.2: {name} alone finds no shared suite", [Alert.handshake_failure], versions=None, suites=suites)
add_hello("TLS 1.3: AES-CCM alone finds no shared suite", [Alert.handshake_failure],
          versions=(TLS13,), suites=[0x1304, 0x1305])
for name, versions in (("TLS 1.2", None), ("TLS 1.3", (TLS13,))):
    add_hello(f"{name}: a curve of 160 bits alone finds no shared group", [Alert.handshake_failure],
              versions=versions, groups=(16,), shares=[])
    add_hello(f"{name}: SHA-1 signatures alone find no shared scheme", [Alert.handshake_failure],
              versions=versions, signatures=((2, 3), (2, 1)))
    add_hello(f"{name}: ALPN of h2 alone is refused", [Alert.no_application_protocol], versions=versions, alpn=(b"h2",))
add_hello("TLS 1.2: a hello that insists on compression is refused", [Alert.illegal_parameter, Alert.decode_error],
          versions=None, compression=(1,))
add_hello("TLS 1.3: a hello that offers compression is refused", [Alert.illegal_parameter],
          versions=(TLS13,), compression=(1, 0))
add_hello("TLS 1.3: an X25519 share of zeros is refused", [Alert.illegal_parameter, Alert.internal_error],
          versions=(TLS13,), shares=[(29, bytes(32))])
add_hello("TLS 1.3: a P-256 share that is no point is refused", [Alert.illegal_parameter],
          versions=(TLS13,), shares=[(23, b"\4" + bytes(63) + b"\1")])
add_hello("TLS 1.3: an X25519 share that is too short is refused", [Alert.illegal_parameter, Alert.decode_error],
          versions=(TLS13,), shares=[(29, b"\1" * 31)])
add_hello("an extension given twice is refused", [Alert.illegal_parameter, Alert.decode_error],
          extra=[(ExtensionType.extended_master_secret, b""), (ExtensionType.extended_master_secret, b"")])


@CONVERSATIONS.add("SSL 2.0 is refused")
def ssl2(server):
    body = b"\x01\x00\x02\x00\x06\x00\x00\x00\x10\x01\x00\x80\x07\x00\xc0" + os.urandom(16)
    reply = ask(server.port, (0x8000 | len(body)).to_bytes(2, "big") + body)
    expect(not reply.messages, f"expected no handshake, got {reply}")
    reply.expect_end()
    return str(reply)


@CONVERSATIONS.add("a hello whose inner lengths lie is refused")
def lying_lengths(server):
    message = bytearray(hello())
    at = 4 + 2 + 32 + 1 + message[38]
    message[at:at + 2] = b"\xff\xfe"  # the cipher suites, longer than the message
    return ask_hello(server.port, bytes(message)).expect_refused(Alert.decode_error)


@CONVERSATIONS.add("a hello cut short by the end of the connection gets no ServerHello, and the connection ends")
def truncated(server):
    data = record(ContentType.handshake, hello(), TLS10)
    for cut in (1, 4, 5, 6, 40, len(data) - 1):
        with Wire(server.port) as wire:
            wire.put(data[:cut])
            wire.finish()
            reply = wire.read()
        expect(not reply.messages, f"cut at {cut}: {reply}")
        reply.expect_end()
    return "6 cuts"


@CONVERSATIONS.add("a hello that claims 16 MiB is refused at its header")
def huge_claim(server):
    message = bytes([HandshakeType.client_hello]) + b"\xff\xff\xff" + os.urandom(64)
    return ask_hello(server.port, message).expect_refused(Alert.illegal_parameter)


def filled(**settings):
    """A hello whose extensions take all the 65,535 bytes that they may."""
    fixed = len(hello(**settings)) - 4 - 2 - 32 - 33 - 2 - 2 * len(settings["suites"]) - 2 - 2
    return hello(extra=[(0x5A5A, bytes(65_535 - fixed - 4))], **settings)


@CONVERSATIONS.add("a handshake of more than 256 KiB is not completed")
def large_handshake(server):
    # Two hellos as large as their length fields allow, around a HelloRetryRequest; the bound is Hostfence's own.
    settings = {"versions": (TLS13,), "suites": [0x1301] + [0x4A4A] * 32_766}
    first, second = filled(shares=[], **settings), filled(**settings)
    with Wire(server.port) as wire:
        for message in (first, second):
            for at in range(0, len(message), 16_384):
                wire.put(record(ContentType.handshake, message[at:at + 16_384], TLS12))
        reply = wire.read()
    expect(reply.messages[:1] == [HandshakeType.server_hello], f"no HelloRetryRequest: {reply}")
    reply.expect_end()
    total = len(first) + len(second)
    expect(total > 256 * 1024, f"only {total} bytes")
    return f"{total} bytes, {reply}"


@CONVERSATIONS.add("garbage in place of a handshake ends the connection without a handshake")
def garbage(server):
    for seed in range(8):
        data = bytes([0x40 + seed]) + os.urandom(4_095)
        reply = ask(server.port, data)
        expect(not reply.messages, f"{data[:8]!r} got {reply}")
        reply.expect_end()
    return "8 times"


@CONVERSATIONS.add("a plain HTTP request ends the connection and gets no HTTP")
def plain_http(server):
    with Wire(server.port) as wire:
        wire.put(REQUEST)
        try:
            said = wire.socket.recv(4_096)
        except ConnectionResetError:
            said = b""
    expect(b"HTTP" not in said, f"answered {said[:80]!r}")
    expect(len(said) in (0, 7), f"answered {said[:80]!r}")
    return "an alert" if said else "nothing"


@CONVERSATIONS.add("a Heartbleed probe during the handshake gets no heartbeat")
def heartbleed(server):
    message = hello(versions=None, extra=[(ExtensionType.heartbeat, b"\1")])
    reply = ask(server.port, record(ContentType.handshake, message, TLS10), record(HEARTBEAT, b"\x01\x40\x00"))
    expect(all(kind != HEARTBEAT for kind, _ in reply.records), f"a heartbeat: {reply}")
    return reply.expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add("TLS 1.2: ChangeCipherSpec before the keys are agreed (CVE-2014-0224) is refused")
def early_ccs(server):
    reply = ask(server.port, record(ContentType.handshake, hello(versions=None), TLS10),
                record(ContentType.change_cipher_spec, b"\1"))
    return reply.expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add("TLS 1.2: application data in place of the client's keys is refused")
def early_data_12(server):
    reply = ask(server.port, record(ContentType.handshake, hello(versions=None), TLS10),
                record(ContentType.application_data, REQUEST))
    return reply.expect_fatal(Alert.unexpected_message)


def add_in_handshake(sentence, alerts, versions, rewrite):
    @CONVERSATIONS.add_for(versions, sentence)
    def play(server, version):
        with Client(server.port, version, rewrite=rewrite) as client:
            return client.shake_and_read().expect_fatal(*alerts)


def with_certificate(message):
    """Puts a Certificate message, empty of certificates, before the client's answer to the server's flight."""
    name = type(message).__name__
    if name == "ClientKeyExchange":
        return [Certificate(0, TLS12).create([]), message]
    if name == "Finished" and len(message.verify_data) > 12:
        return [Certificate(0, TLS13).create([], b""), message]
    return [message]


def with_wrong_finished(message):
    if type(message).__name__ == "Finished":
        message.verify_data[0] ^= 1
    return [message]


def with_data_before_finished(message):
    if type(message).__name__ == "Finished":
        return [Message(ContentType.application_data, bytearray(REQUEST)), message]
    return [message]


def with_zero_share(message):
    if type(message).__name__ == "ClientKeyExchange":
        message.ecdh_Yc = bytearray(32)
    return [message]


add_in_handshake("a certificate that nobody asked for is refused", [Alert.unexpected_message], (TLS12, TLS13),
                 with_certificate)
add_in_handshake("a Finished that does not verify is refused", [Alert.decrypt_error], (TLS12, TLS13),
                 with_wrong_finished)
add_in_handshake("application data before Finished is refused", [Alert.unexpected_message], (TLS12, TLS13),
                 with_data_before_finished)
add_in_handshake("an X25519 share of zeros is refused", [Alert.illegal_parameter, Alert.internal_error], (TLS12,),
                 with_zero_share)
