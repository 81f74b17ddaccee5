"""What both peers have in common: a directory with `behaviour`, `offers` and `received/`."""

import itertools
import os
import pathlib
import time


class Mailbag:
    """Keeps what is received, each message in a file that appears whole or not at all."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        # Later runs go on where the earlier ones ended.
        self.numbers = itertools.count(len(list((self.directory / "received").iterdir())))

    def behaviour(self):
        return (self.directory / "behaviour").read_text()

    def note_offer(self):
        with open(self.directory / "offers", "a", encoding="utf-8") as offers:
            offers.write(f"{time.time()}\n")

    def keep(self, content):
        path = self.directory / "received" / f"{next(self.numbers):06}"
        path.write_bytes(content)
        os.rename(path, path.with_suffix(".message"))
