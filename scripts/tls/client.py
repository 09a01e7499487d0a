"""A TLS client on tlslite-ng that can leave the path at any message, before or after the handshake."""

from tlslite.api import HandshakeSettings, TLSConnection
from tlslite.constants import ContentType
from tlslite.errors import TLSAbruptCloseError, TLSRemoteAlert
from tlslite.messages import Message

from wire import Reply, Wire, expect, gather

REQUEST = b"GET /validate HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Recorder:
    """Takes what tlslite would send."""

    def __init__(self):
        self.data = bytearray()

    def send(self, data):
        self.data += data
        return len(data)


class Client(TLSConnection):
    """One connection; `rewrite(message)` returns the messages that are sent in place of one of the handshake's."""

    def __init__(self, port, version, rewrite=None, receive_buffer=None, **settings):
        self.wire = Wire(port, receive_buffer=receive_buffer)
        super().__init__(self.wire.socket)
        self.rewrite = rewrite
        # What the server does after an alert is still to be seen.
        self.closeSocket = False
        self.settings = HandshakeSettings()
        self.settings.minVersion = self.settings.maxVersion = version
        self.settings.versions = [version]
        self.settings.keyShares = ["x25519"]
        self.settings.eccCurves = ["x25519", "secp256r1"]
        self.settings.dhGroups = []
        self.settings.cipherNames = ["aes128gcm"]
        self.settings.use_heartbeat_extension = False
        for name, value in settings.items():
            setattr(self.settings, name, value)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.socket.close()

    def _sendMsg(self, msg, randomizeFirstBlock=True, update_hashes=True):
        # tlslite's one way out for messages of the handshake.
        if self.rewrite is None:
            yield from super()._sendMsg(msg, randomizeFirstBlock, update_hashes)
            return
        if update_hashes and msg.contentType == ContentType.handshake:
            self._handshake_hash.update(msg.write())
        for part in self.rewrite(msg):
            yield from self._recordLayer.sendRecord(part)

    def shake(self):
        """Makes the handshake; an alert of the server's is raised as TLSRemoteAlert."""
        self.handshakeClientCert(settings=self.settings, alpn=[b"http/1.1"], serverName="localhost")
        return self

    def shake_and_read(self):
        """Makes the handshake as far as it goes and returns what the server says in the end."""
        try:
            self.shake()
        except TLSRemoteAlert as refusal:
            reply = Reply()
            reply.records.append((ContentType.alert, bytes([refusal.level, refusal.description])))
            rest = self.wire.read()
            reply.records += rest.records
            reply.ending = rest.ending
            return reply
        except (TLSAbruptCloseError, ConnectionError):
            reply = Reply()
            reply.ending = "closed"
            return reply
        return self.read()

    def sealed(self, content_type, payload):
        """One encrypted record with this payload, as long as it may be."""
        recorder = Recorder()
        records = self._recordLayer._recordSocket
        records.sock, usual = recorder, records.sock
        try:
            for _ in self._recordLayer.sendRecord(Message(content_type, bytearray(payload))):
                pass
        finally:
            records.sock = usual
        return bytes(recorder.data)

    def put(self, content_type, payload):
        return self.wire.put(self.sealed(content_type, payload))

    def read_record(self):
        for result in self._recordLayer.recvRecord():
            if result not in (0, 1):
                header, parser = result
                return header.type, bytes(parser.bytes)

    def read(self, until=lambda records: False):
        """Decrypted records until `until` holds, the end, or until the server says nothing more."""
        return gather(self.read_record, TLSAbruptCloseError, until)

    def request(self):
        """A GET, which is answered with 405; returns all records up to the answer."""
        self.put(ContentType.application_data, REQUEST)
        return self.read_answer()

    def read_answer(self):
        reply = self.read(until=lambda records: any(kind == ContentType.application_data for kind, _ in records))
        kind, data = reply.records[-1] if reply.records else (0, b"")
        expect(kind == ContentType.application_data and data.startswith(b"HTTP/1.1 405 "), f"no answer: {reply}")
        return reply
