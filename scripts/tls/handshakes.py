"""Handshakes that must succeed, however oddly they arrive, and what they must agree on."""

import os
import time

from tlslite.constants import CipherSuite, ContentType, ExtensionType, HandshakeType
from tlslite.messages import Message, ServerHello
from tlslite.utils.codec import Parser

from catalogue import Catalogue
from client import Client
from wire import P256, TLS10, TLS12, TLS13, Wire, expect, hello, record

CONVERSATIONS = Catalogue()
DOWNGRADE_FROM_13 = b"DOWNGRD\x01"


def served(server, version, **settings):
    """A handshake and a request; returns the client after it."""
    with Client(server.port, version, **settings) as client:
        client.shake()
        expect(client.version == version, f"agreed on {client.version}")
        expect(client.session.appProto == b"http/1.1", f"ALPN agreed on {client.session.appProto}")
        expect(client.session.extendedMasterSecret, "no extended master secret")
        messages = client.request().messages
        expect(not messages, f"handshake messages after the handshake: {messages}")
        expect(not client.tickets and not client.session.sessionID, "the session can be resumed")
        return client


@CONVERSATIONS.add_for((TLS12, TLS13), "each cipher: handshake, http/1.1, request answered, no ticket, no session id")
def ciphers(server, version):
    suites = []
    for cipher in ("aes128gcm", "aes256gcm", "chacha20-poly1305"):
        suites.append(CipherSuite.ietfNames[served(server, version, cipherNames=[cipher]).session.cipherSuite])
    expect(len(set(suites)) == 3, f"only {suites}")
    return ", ".join(suites)


@CONVERSATIONS.add("TLS 1.3: a first hello without a key share gets HelloRetryRequest, then all goes well")
def retry(server):
    sent = []

    def rewrite(message):
        sent.append(type(message).__name__)
        return [message]

    served(server, TLS13, keyShares=[], rewrite=rewrite)
    expect(sent.count("ClientHello") == 2, f"the client sent {sent}")
    return "two hellos"


@CONVERSATIONS.add_for((TLS12, TLS13), "a handshake in records of one byte each succeeds")
def one_byte_records(server, version):
    counts = []

    def rewrite(message):
        if message.contentType != ContentType.handshake:
            return [message]
        data = message.write()
        counts.append(len(data))
        return [Message(message.contentType, data[at:at + 1]) for at in range(len(data))]

    served(server, version, rewrite=rewrite)
    return f"{sum(counts)} records"


def server_hello(server, message, seconds=8, pieces=None):
    """The ServerHello that answers `message`, sent at once or in TCP segments of `pieces` bytes."""
    data = record(ContentType.handshake, message, TLS10)
    with Wire(server.port, seconds) as wire:
        size = pieces or len(data)
        for at in range(0, len(data), size):
            expect(wire.put(data[at:at + size]), "the server hung up")
            if pieces:
                time.sleep(0.002)
        kind, payload = wire.take_record()
    is_hello = kind == ContentType.handshake and payload[0] == HandshakeType.server_hello
    expect(is_hello, f"answered by {kind} {payload[:6]}")
    return ServerHello().parse(Parser(bytearray(payload[1:])))


@CONVERSATIONS.add("a hello that arrives byte by byte is understood")
def byte_by_byte(server):
    server_hello(server, hello(), pieces=1)
    return "ServerHello"


@CONVERSATIONS.add("unknown (GREASE) suites, groups, versions, signature schemes and extensions are passed over")
def grease(server):
    grease = 0x2A2A
    message = hello(versions=((0x2A, 0x2A), TLS13, TLS12), suites=[grease, 0x1301], groups=(grease, 29, P256),
                    shares=[(grease, b"\0"), (29, os.urandom(32))], signatures=((0x2A, 0x2A), (4, 3)),
                    extra=[(grease, b"\0"), (0x3A3A, b"")])
    expect(server_hello(server, message).cipher_suite == 0x1301, "another suite was chosen")
    return "TLS_AES_128_GCM_SHA256"


@CONVERSATIONS.add("TLS 1.2 with a client that knows no more carries the mark against downgrades in the random")
def downgrade_mark(server):
    random = server_hello(server, hello(versions=None)).random
    expect(bytes(random[-8:]) == DOWNGRADE_FROM_13, f"the random ends with {bytes(random[-8:])!r}")
    return "DOWNGRD 01"


@CONVERSATIONS.add("TLS 1.2: renegotiation_info is answered, session_ticket and heartbeat are not; no compression")
def extensions_of_12(server):
    wanted = [(ExtensionType.renegotiation_info, b"\0"), (ExtensionType.session_ticket, b""),
              (ExtensionType.heartbeat, b"\1"), (ExtensionType.extended_master_secret, b"")]
    answer = server_hello(server, hello(versions=None, compression=(1, 0), extra=wanted))
    known = [found.extType for found in answer.extensions]
    expect(ExtensionType.renegotiation_info in known, "no renegotiation_info")
    expect(ExtensionType.extended_master_secret in known, "no extended_master_secret")
    expect(ExtensionType.session_ticket not in known, "session_ticket is answered")
    expect(ExtensionType.heartbeat not in known, "heartbeat is answered")
    expect(answer.compression_method == 0, f"compression {answer.compression_method}")
    return "as it should be"


@CONVERSATIONS.add("ALPN: http/1.1 is chosen behind h2, and a client without ALPN goes on")
def alpn(server):
    chosen = server_hello(server, hello(versions=None, alpn=(b"h2", b"http/1.1")))
    names = [found.protocol_names for found in chosen.extensions or [] if found.extType == ExtensionType.alpn]
    expect(names == [[b"http/1.1"]], f"chosen: {names}")
    none = server_hello(server, hello(versions=None, alpn=()))
    unasked = [found for found in none.extensions or [] if found.extType == ExtensionType.alpn]
    expect(not unasked, "ALPN is answered without being asked")
    return "http/1.1; none"
