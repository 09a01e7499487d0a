"""Runs the hostfence that is tested."""

import json
import os
import pathlib
import subprocess

TIMEOUT_SECONDS = 120


class Binary:
    """One hostfence, found as `hostfence` on a PATH of its own."""

    def __init__(self, path, folder):
        link = pathlib.Path(folder) / "bin" / "hostfence"
        link.parent.mkdir()
        link.symlink_to(pathlib.Path(path).resolve())
        self.environment = dict(
            os.environ, PATH=f"{link.parent}:{os.environ['PATH']}", NO_COLOR="1", TERM="dumb", LC_ALL="C.UTF-8")

    def output(self, *arguments):
        """What a command that must succeed prints."""
        result = subprocess.run(["hostfence", *arguments], env=self.environment, capture_output=True, text=True,
                                check=True, timeout=TIMEOUT_SECONDS)
        return result.stdout

    def shown(self, *arguments, folder):
        """What a person sees of a command, standard output and standard error together, and the exit code."""
        result = subprocess.run(["hostfence", *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, check=False,
                                timeout=TIMEOUT_SECONDS)
        return result.stdout.decode(), result.returncode

    def session(self, commands, folder):
        """What a person sees of each command of one shell session, in which $? is that of the command before."""
        script = ["status=0"]
        for command in commands:
            script += [r"printf '\0'", f"(exit $status); {command}", "status=$?"]
        result = subprocess.run(["bash", "-c", "\n".join(script)], env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, check=False,
                                timeout=TIMEOUT_SECONDS)
        return result.stdout.decode().split("\0")[1:]

    def check(self, *paths, folder):
        """The JSON of `policy check`, and its exit code."""
        result = subprocess.run(["hostfence", "policy", "check", "--output", "json", *paths], env=self.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
                                check=False, timeout=TIMEOUT_SECONDS)
        if result.returncode not in (0, 1, 2):
            raise SystemExit(f"hostfence policy check ended with {result.returncode}: {result.stderr.decode()}")
        return json.loads(result.stdout), result.returncode
