"""Records that are wrong, and records that are only unusual, on connections that stand or are about to."""

import os

from tlslite.constants import AlertDescription as Alert
from tlslite.constants import ContentType

from catalogue import Catalogue
from client import REQUEST, Client
from wire import FATAL, TLS10, TLS12, TLS13, WARNING, alert, ask, expect, hello, record

CONVERSATIONS = Catalogue()
BOTH = (TLS12, TLS13)
HEARTBEAT, UNKNOWN = 24, 99
PLAINTEXT_MAX = 16_384
CIPHERTEXT_MAX = {TLS12: PLAINTEXT_MAX + 2_048, TLS13: PLAINTEXT_MAX + 256}


def after_handshake(server, version, make):
    """What the server says to the bytes that `make` returns, at the end of a good handshake."""
    with Client(server.port, version) as client:
        client.shake()
        client.wire.put(make(client))
        return client.read()


@CONVERSATIONS.add_for(BOTH, "a record with a bad tag is refused")
def bad_tag(server, version):
    def make(client):
        data = bytearray(client.sealed(ContentType.application_data, REQUEST))
        data[-1] ^= 1
        return data
    return after_handshake(server, version, make).expect_fatal(Alert.bad_record_mac)


@CONVERSATIONS.add_for(BOTH, "a record sent twice is refused")
def replayed(server, version):
    with Client(server.port, version) as client:
        client.shake()
        data = client.sealed(ContentType.application_data, REQUEST)
        client.wire.put(data)
        client.read_answer()
        client.wire.put(data)
        return client.read().expect_fatal(Alert.bad_record_mac)


@CONVERSATIONS.add_for(BOTH, "a record too short to hold a tag is refused")
def short(server, version):
    # OpenSSL 3.0 calls it an internal error where not even the nonce of TLS 1.2 is there.
    seen = []
    for length in (1, 7, 20):
        reply = after_handshake(server, version, lambda client: record(ContentType.application_data, bytes(length)))
        seen.append(reply.expect_fatal(Alert.bad_record_mac, Alert.decode_error, Alert.internal_error))
    return ", ".join(seen)


@CONVERSATIONS.add_for(BOTH, "a record of an unknown type is refused")
def unknown_type(server, version):
    reply = after_handshake(server, version, lambda client: client.sealed(UNKNOWN, b"x"))
    return reply.expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add_for(BOTH, "a heartbeat is refused")
def heartbeat(server, version):
    request = b"\x01\x40\x00" + bytes(16)
    reply = after_handshake(server, version, lambda client: client.sealed(HEARTBEAT, request))
    return reply.expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add_for(BOTH, "ChangeCipherSpec after the handshake is refused")
def late_ccs(server, version):
    def make(client):
        plain = record(ContentType.change_cipher_spec, b"\1")
        return plain if version == TLS13 else client.sealed(ContentType.change_cipher_spec, b"\1")
    return after_handshake(server, version, make).expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add_for([TLS13], "a record without a content type is refused")
def no_inner_type(server, version):
    # tlslite adds the type at the end, and zeros are padding.
    reply = after_handshake(server, version, lambda client: client.sealed(0, bytes(32)))
    return reply.expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add_for([TLS13], "an unencrypted handshake record after the handshake is refused")
def unencrypted(server, version):
    reply = after_handshake(server, version, lambda client: record(ContentType.handshake, hello()))
    return reply.expect_fatal(Alert.unexpected_message)


@CONVERSATIONS.add_for(BOTH, "one byte of plaintext more than a record may have is refused")
def oversized_plaintext(server, version):
    def make(client):
        return client.sealed(ContentType.application_data, b"x" * (PLAINTEXT_MAX + 1))
    return after_handshake(server, version, make).expect_fatal(Alert.record_overflow)


@CONVERSATIONS.add_for(BOTH, "one byte of ciphertext more than a record may have is refused")
def oversized_ciphertext(server, version):
    payload = os.urandom(CIPHERTEXT_MAX[version] + 1)
    reply = after_handshake(server, version, lambda client: record(ContentType.application_data, payload))
    return reply.expect_fatal(Alert.record_overflow)


@CONVERSATIONS.add("before the handshake: a record one byte too large is refused")
def oversized_first(server):
    payload = (hello() + bytes(PLAINTEXT_MAX))[:PLAINTEXT_MAX + 1]
    return ask(server.port, record(ContentType.handshake, payload, TLS10)).expect_refused(Alert.record_overflow)


@CONVERSATIONS.add("before the handshake: a record that claims 65,535 bytes is refused at its header")
def oversized_claim(server):
    return ask(server.port, b"\x16\x03\x01\xff\xff" + bytes(16)).expect_refused(Alert.record_overflow)


@CONVERSATIONS.add("before the handshake: a record of an unknown type is refused")
def unknown_first(server):
    return ask(server.port, record(UNKNOWN, b"x", TLS10)).expect_refused(Alert.unexpected_message)


@CONVERSATIONS.add("before the handshake: application data is refused")
def data_first(server):
    return ask(server.port, record(ContentType.application_data, REQUEST)).expect_refused(Alert.unexpected_message)


@CONVERSATIONS.add("before the handshake: application data in the middle of a hello is refused")
def interleaved(server):
    half = record(ContentType.handshake, hello()[:60], TLS10)
    reply = ask(server.port, half, record(ContentType.application_data, b"x", TLS10))
    return reply.expect_refused(Alert.unexpected_message)


@CONVERSATIONS.add_for(BOTH, "an alert of one byte is refused")
def half_alert(server, version):
    reply = after_handshake(server, version, lambda client: client.sealed(ContentType.alert, b"\1"))
    return reply.expect_fatal(Alert.decode_error, Alert.unexpected_message)


@CONVERSATIONS.add_for(BOTH, "a request in records of one byte, with an empty one before each, is answered")
def tiny_records(server, version):
    with Client(server.port, version) as client:
        client.shake()
        for byte in REQUEST:
            client.put(ContentType.application_data, b"")
            client.put(ContentType.application_data, bytes([byte]))
        client.read_answer()
    return f"{2 * len(REQUEST)} records"


@CONVERSATIONS.add_for(BOTH, "a request whose record arrives byte by byte is answered")
def dribbled(server, version):
    with Client(server.port, version) as client:
        client.shake()
        for byte in client.sealed(ContentType.application_data, REQUEST):
            client.wire.put(bytes([byte]))
        client.read_answer()
    return "answered"


@CONVERSATIONS.add_for(BOTH, "close_notify is answered by close_notify, and the connection ends")
def close_notify(server, version):
    farewell = alert(WARNING, Alert.close_notify)
    reply = after_handshake(server, version, lambda client: client.sealed(ContentType.alert, farewell))
    expect(reply.alerts == [(WARNING, Alert.close_notify)], f"said {reply}")
    reply.expect_end()
    return str(reply)


@CONVERSATIONS.add_for(BOTH, "a fatal alert ends the connection")
def fatal_alert(server, version):
    refusal = alert(FATAL, Alert.internal_error)
    reply = after_handshake(server, version, lambda client: client.sealed(ContentType.alert, refusal))
    return reply.expect_silent_end()


@CONVERSATIONS.add_for(BOTH, "an end without close_notify, in the middle of a record, ends the connection")
def cut_off(server, version):
    with Client(server.port, version) as client:
        client.shake()
        client.wire.put(client.sealed(ContentType.application_data, REQUEST)[:20])
        client.wire.finish()
        reply = client.read()
    expect(all(kind == ContentType.alert for kind, _ in reply.records), f"said {reply}")
    reply.expect_end()
    return str(reply)
