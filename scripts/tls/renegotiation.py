"""Handshake messages on a connection that stands: renegotiation, KeyUpdate and what nobody asked for."""

from tlslite.constants import AlertDescription as Alert
from tlslite.constants import ContentType

import keyupdates
from catalogue import Catalogue
from client import REQUEST, Client
from wire import TLS12, TLS13, WARNING, expect, hello

CONVERSATIONS = Catalogue()


@CONVERSATIONS.add("TLS 1.2: renegotiation is refused, without a ServerHello")
def renegotiation(server):
    with Client(server.port, TLS12) as client:
        client.shake()
        client.put(ContentType.handshake, hello(versions=None))
        reply = client.read(until=bool)
        expect(not reply.messages, f"renegotiates: {reply}")
        if not reply.records:
            reply.expect_end()
            return reply.ending
        expect(reply.alerts == [(WARNING, Alert.no_renegotiation)], f"said {reply}")
        client.request()
        return "no_renegotiation, and the connection goes on"


def add_after(sentence, version, alerts, payload):
    @CONVERSATIONS.add_for([version], sentence)
    def play(server, version):
        with Client(server.port, version) as client:
            client.shake().put(ContentType.handshake, payload)
            return client.read().expect_fatal(*alerts)


add_after("a second ClientHello is refused", TLS13, [Alert.unexpected_message], hello())
add_after("a second Finished is refused", TLS12, [Alert.unexpected_message], b"\x14\0\0\x0c" + bytes(12))
add_after("a second Finished is refused", TLS13, [Alert.unexpected_message], b"\x14\0\0\x20" + bytes(32))
add_after("a certificate after the handshake is refused", TLS12, [Alert.unexpected_message], b"\x0b\0\0\3\0\0\0")
add_after("a certificate after the handshake is refused", TLS13, [Alert.unexpected_message], b"\x0b\0\0\4\0\0\0\0")
add_after("a ticket from the client is refused", TLS13, [Alert.unexpected_message],
          b"\x04\0\0\x0e" + bytes(8) + b"\0\0\1x\0\0")
add_after("KeyUpdate is refused", TLS12, [Alert.unexpected_message], keyupdates.message(keyupdates.REQUESTED))
add_after("KeyUpdate with an unknown request is refused", TLS13, [Alert.illegal_parameter], keyupdates.message(2))
add_after("KeyUpdate without its byte is refused", TLS13, [Alert.decode_error], b"\x18\0\0\0")
add_after("KeyUpdate with another message in its record is refused", TLS13, [Alert.unexpected_message],
          keyupdates.message(keyupdates.NOT_REQUESTED) * 2)


@CONVERSATIONS.add("TLS 1.3: a KeyUpdate is answered by one before the next answer, which comes under the new key")
def key_update(server):
    with Client(server.port, TLS13) as client:
        for _ in client.shake().send_keyupdate_request(keyupdates.REQUESTED):
            pass
        client.put(ContentType.application_data, REQUEST)
        kind, data = client.read_record()
        expected = ContentType.handshake, keyupdates.message(keyupdates.NOT_REQUESTED)
        expect((kind, data) == expected, f"said {kind} {data[:20]!r}")
        keys = client.session.cl_app_secret, client.session.sr_app_secret
        client._recordLayer.calcTLS1_3KeyUpdate_sender(client.session.cipherSuite, *keys)
        client.read_answer()
    return "both"
