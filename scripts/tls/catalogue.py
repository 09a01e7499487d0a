"""A list of conversations, each a sentence that says what must hold and the function that plays it."""

from wire import TLS12, TLS13

NAMES = {TLS12: "TLS 1.2", TLS13: "TLS 1.3"}


class Catalogue(list):
    def add(self, sentence):
        """Decorates a function that takes the server and returns what it saw, or raises Broken."""
        def adding(play):
            self.append((sentence, play))
            return play
        return adding

    def add_for(self, versions, sentence):
        """The same for a function that also takes the version; adds one conversation for each."""
        def adding(play):
            for version in versions:
                self.append((f"{NAMES[version]}: {sentence}", lambda server, version=version: play(server, version)))
            return play
        return adding
