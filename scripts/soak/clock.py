"""A wall clock that jumps for one process only, by a small library that is loaded before all others (clock.c)."""
from __future__ import annotations

import datetime
import os
import pathlib
import shutil
import struct
import subprocess

from server import CouldNotRun

SOURCE = pathlib.Path(__file__).with_name("clock.c")
# Hours from the right time, one after the other.
HOURS = [5, -7, 0, 30, -1]


class Clock:
    def __init__(self, folder: pathlib.Path) -> None:
        folder.mkdir(parents=True)
        self.jumps = 0
        self.library = folder.resolve() / "clock.so"
        self.offset = folder.resolve() / "offset"
        self._set(0)
        compiler = shutil.which("cc") or shutil.which("clang")
        if compiler is None:
            raise CouldNotRun("there is no C compiler (Debian: packages gcc and libc6-dev)")
        command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(self.library), str(SOURCE), "-ldl"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise CouldNotRun(f"{SOURCE.name} cannot be compiled: {done.stderr[-500:]}")

    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "SOAK_CLOCK_OFFSET": str(self.offset)}

    @property
    def is_done(self) -> bool:
        """Whether it was everywhere once."""
        return self.jumps >= len(HOURS)

    def jump(self) -> None:
        self._set(HOURS[self.jumps % len(HOURS)])
        self.jumps += 1

    def set_right(self) -> None:
        self._set(0)

    def _set(self, hours: int) -> None:
        # In place and in one write, as the server has the file mapped.
        file = os.open(self.offset, os.O_WRONLY | os.O_CREAT, 0o600)
        os.pwrite(file, struct.pack("=q", hours * 3_600), 0)
        os.close(file)

    def problems(self, times: list[str]) -> list[str]:
        """Events must be spread over all of it, or the library did not bite and nothing was tested."""
        now = datetime.datetime.now(datetime.timezone.utc)
        seen = {round((datetime.datetime.fromisoformat(text) - now).total_seconds() / 3_600) for text in times}
        return [f"the clock did not jump: no event is {hours:+} hours away" for hours in sorted(set(HOURS) - seen)]
