"""KeyUpdate messages (RFC 8446, 4.6.3) by the thousand: tlslite would take minutes for what a server must bear."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tlslite.constants import ContentType, HandshakeType

NOT_REQUESTED, REQUESTED = 0, 1


def message(request):
    return bytes([HandshakeType.key_update, 0, 0, 1, request])


def expand(secret, label, length):
    """HKDF-Expand-Label with SHA-256 and an empty context, for up to 32 bytes."""
    label = b"tls13 " + label
    information = length.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0"
    return hmac.digest(secret, information + b"\1", hashlib.sha256)[:length]


class KeyUpdates:
    """The client's side of a TLS_AES_128_GCM_SHA256 connection that sends nothing but KeyUpdates from now on.

    `records_sent` is how many encrypted records the client has sent since its last key.
    """

    def __init__(self, client, records_sent=0):
        self.secret = bytes(client.session.cl_app_secret)
        self.first_number = records_sent
        self.inner = message(REQUESTED) + bytes([ContentType.handshake])
        self.header = bytes([ContentType.application_data, 3, 3]) + (len(self.inner) + 16).to_bytes(2, "big")

    def take(self, count):
        """The next `count` records."""
        records = []
        for _ in range(count):
            key, vector = expand(self.secret, b"key", 16), expand(self.secret, b"iv", 12)
            nonce = (int.from_bytes(vector, "big") ^ self.first_number).to_bytes(12, "big")
            records.append(self.header + AESGCM(key).encrypt(nonce, self.inner, self.header))
            self.secret, self.first_number = expand(self.secret, b"traffic upd", 32), 0
        return b"".join(records)
