"""Much of what is allowed in small numbers, and connections that say nothing: all borne in bounded memory."""

import selectors
import time

from tlslite.constants import AlertDescription as Alert
from tlslite.constants import ContentType, HandshakeType

from catalogue import Catalogue
from client import Client
from keyupdates import KeyUpdates
from server import Growth
from wire import TLS10, TLS12, TLS13, WARNING, Wire, alert, expect, hello, record

CONVERSATIONS = Catalogue()
BOTH = (TLS12, TLS13)
MANY = 2_000
# The handshake time limit (TLSLimits.handshakeSeconds), and how much later a busy machine may be.
HANDSHAKE_SECONDS, LATE_SECONDS = 10, 5
SILENT = 200
# What one connection may cost before its handshake is done: OpenSSL's state, and the handlers that wait behind it.
CONNECTION_KIB = 64


def flood(server, version, content_type, payload, until=lambda records: False):
    """The reply to MANY such records on a connection that stands; sent until the server takes no more."""
    growth = Growth(server)
    with Client(server.port, version) as client:
        client.shake()
        for _ in range(MANY // 100):
            if not client.wire.put(b"".join(client.sealed(content_type, payload) for _ in range(100))):
                break
        reply = client.read(until)
        growth.expect_bounded()
    return reply


@CONVERSATIONS.add_for(BOTH, f"{MANY} empty records of application data are refused")
def empty_records(server, version):
    return flood(server, version, ContentType.application_data, b"").expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add_for(BOTH, f"{MANY} warnings are refused")
def warnings(server, version):
    reply = flood(server, version, ContentType.alert, alert(WARNING, Alert.user_canceled))
    return reply.expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add(f"before the handshake: {MANY} warnings are refused")
def early_warnings(server):
    with Wire(server.port) as wire:
        wire.put(record(ContentType.alert, alert(WARNING, Alert.user_canceled), TLS10) * MANY)
        return wire.read().expect_refused(Alert.unexpected_message)


@CONVERSATIONS.add(f"before the handshake: {MANY} empty handshake records are refused")
def early_empty(server):
    with Wire(server.port) as wire:
        wire.put(record(ContentType.handshake, b"", TLS10) * MANY)
        return wire.read().expect_refused(Alert.unexpected_message)


@CONVERSATIONS.add_for([TLS13], f"{MANY} ChangeCipherSpec records in the handshake are refused")
def ccs(server, version):
    def rewrite(message):
        many = MANY if message.contentType == ContentType.change_cipher_spec else 1
        return [message] * many
    with Client(server.port, version, rewrite=rewrite) as client:
        return client.shake_and_read().expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add_for([TLS12], f"{MANY} attempts to renegotiate are all refused")
def renegotiations(server, version):
    def until(records):
        return len(records) == MANY

    reply = flood(server, version, ContentType.handshake, hello(versions=None), until)
    expect(not reply.messages, f"renegotiates: {reply}")
    refused = reply.alerts.count((WARNING, Alert.no_renegotiation))
    expect(refused == MANY or reply.ending != "open", f"{refused} refused, then {reply.ending}")
    return f"{refused} times no_renegotiation, the connection is {reply.ending}"


@CONVERSATIONS.add_for([TLS13], "50,000 KeyUpdates that want answers, which are read, are borne in bounded memory")
def key_updates(server, version):
    growth = Growth(server)
    with Client(server.port, version) as client:
        updates = KeyUpdates(client.shake())
        answered = 0
        for _ in range(50):
            if not client.wire.put(updates.take(1_000)):
                break
            # The last one of a batch is answered with the next.
            for _ in range(999):
                client.wire.take_record()
                answered += 1
        grown = growth.expect_bounded()
    return f"{answered} answers read, {grown}"


@CONVERSATIONS.add("300 clients that leave after the server's first flight cost no memory")
def abandoned(server):
    growth = Growth(server)
    for _ in range(300):
        with Wire(server.port) as wire:
            wire.put(record(ContentType.handshake, hello(), TLS10))
            kind, payload = wire.take_record()
            expect(kind == ContentType.handshake and payload[0] == HandshakeType.server_hello, f"answered by {kind}")
    return growth.expect_bounded()


@CONVERSATIONS.add(f"{SILENT} silent connections, one that dribbles and two that stall end at the handshake time limit")
def half_open(server):
    growth = Growth(server)
    start = time.monotonic()
    silent = [Wire(server.port) for _ in range(SILENT)]
    dribbler, *stalled = [Wire(server.port) for _ in range(3)]
    for wire, versions in zip(stalled, (None, (TLS13,))):
        wire.put(record(ContentType.handshake, hello(versions=versions), TLS10))
    server.expect_serving()
    grown = growth.expect_bounded(CONNECTION_KIB * (SILENT + 3))
    ends = wait_for_ends([*silent, dribbler, *stalled], dribbler, start)
    expect(len(ends) == SILENT + 3, f"{SILENT + 3 - len(ends)} connections were left open")
    first, last = min(ends), max(ends)
    expect(first >= HANDSHAKE_SECONDS - 1, f"the first ended after {first:.1f} s")
    return f"all closed {first:.1f} to {last:.1f} s after the connect; {grown} for all"


def wait_for_ends(wires, dribbler, start):
    """Seconds until each connection ended; those that had not when the time was over are missing."""
    ends = []
    message = iter([bytes([byte]) for byte in record(ContentType.handshake, hello(), TLS10)])
    with selectors.DefaultSelector() as selector:
        for wire in wires:
            selector.register(wire.socket, selectors.EVENT_READ, wire)
        while selector.get_map() and time.monotonic() - start < HANDSHAKE_SECONDS + LATE_SECONDS:
            if dribbler.socket.fileno() >= 0:
                dribbler.put(next(message))
            for key, _ in selector.select(timeout=0.25):
                if not heard(key.data):
                    selector.unregister(key.fileobj)
                    key.data.socket.close()
                    ends.append(time.monotonic() - start)
    return ends


def heard(wire):
    """Reads what is there; false at the end."""
    try:
        return bool(wire.socket.recv(65_536))
    except ConnectionError:
        return False
