"""Clients that have much to say and never read an answer: the server must stop reading or hang up before they fill it.

Until its system's socket buffers are full a server cannot know that nobody reads, so each says more than they can hold.
"""

from tlslite.constants import ContentType

from catalogue import Catalogue
from client import REQUEST, Client
from keyupdates import KeyUpdates
from server import Growth
from wire import TLS12, TLS13, Broken

CONVERSATIONS = Catalogue()
STUCK_SECONDS = 2


def press(client, growth, most, count, make):
    """Sends `make(count)` until the server takes no more or has taken `most`; fails if it grows meanwhile."""
    client.wire.socket.settimeout(STUCK_SECONDS)
    taken, grown = 0, growth.expect_bounded()
    while taken < most and client.wire.put(make(count)):
        taken += count
        try:
            grown = growth.expect_bounded()
        except Broken as problem:
            raise Broken(f"after {taken:,} of them unread {problem}") from None
    return f"{taken:,} of them taken, {grown}"


@CONVERSATIONS.add_for([TLS13], "KeyUpdates whose answers are not read are held in bounded memory")
def key_updates(server, version):
    growth = Growth(server)
    with Client(server.port, version, receive_buffer=4_096) as client:
        updates = KeyUpdates(client.shake())
        return press(client, growth, 600_000, 2_000, updates.take)


@CONVERSATIONS.add_for((TLS12, TLS13), "requests whose answers are not read are held in bounded memory")
def requests(server, version):
    growth = Growth(server)
    with Client(server.port, version, receive_buffer=4_096) as client:
        client.shake()

        def make(count):
            return client.sealed(ContentType.application_data, REQUEST * count)

        return press(client, growth, 150_000, 300, make)
