"""Holds docs/policy.md to what it says: every example is read, every command is run again.

Blocks, by the words behind their ```:

  yaml                        a whole policy, or a ConfigMap of them; other kinds are left alone
  yaml fragment               a part of a policy, without apiVersion and kind
  yaml broken                 refused by `hostfence policy check` and by the schema; the block behind it is what is printed
  yaml broken-beyond-schema   refused by `hostfence policy check`, and by no schema; the same
  console                     lines of `$ command`, each followed by what is printed
"""

import collections
import dataclasses
import difflib
import pathlib
import re
import shutil

from schema import documents

HEADER = "apiVersion: hostfence.dev/v1\nkind: Policy\n"
BROKEN_MIN = 12
FENCE = "```"


@dataclasses.dataclass
class Block:
    """A fenced block, and the line on which its text begins."""

    info: str
    line: int
    text: str


def blocks_of(markdown):
    """All fenced blocks, in order."""
    blocks, block = [], None
    for number, line in enumerate(markdown.splitlines(keepends=True), start=1):
        if block is None and line.startswith(FENCE):
            block = Block(line[len(FENCE):].strip(), number + 1, "")
        elif block is not None and line.rstrip() == FENCE:
            blocks.append(block)
            block = None
        elif block is not None:
            block.text += line
    if block is not None:
        raise SystemExit(f"the block on line {block.line - 1} does not end")
    return blocks


def difference(expected, got):
    """What differs, line by line."""
    lines = difflib.unified_diff(expected.splitlines(), got.splitlines(), "as printed in the docs", "as printed now",
                                 lineterm="", n=1)
    return "\n".join(f"    {line}" for line in lines)


class Examples:
    """The examples of one text."""

    def __init__(self, root, binary, schema, work):
        self.path = root / "docs" / "policy.md"
        self.markdown = self.path.read_text()
        self.binary, self.schema, self.work = binary, schema, work
        self.failures = []
        self.counts = collections.Counter()
        self.updates = []
        # A copy, in which commands may write; what is beside docs/ is there for paths that lead to it.
        self.folder = work / "docs" / "policy"
        shutil.copytree(root / "docs" / "policy", self.folder)
        (work / "Tests").symlink_to(root / "Tests")

    def run(self):
        """Checks every block."""
        blocks = blocks_of(self.markdown)
        for block, following in zip(blocks, [*blocks[1:], None]):
            if block.info in ("yaml", "yaml fragment"):
                self.good(block)
            elif block.info in ("yaml broken", "yaml broken-beyond-schema"):
                self.broken(block, following)
            elif block.info == "console":
                self.console(block)
            elif block.info.startswith("yaml"):
                self.fail(block, f"nobody knows what \"{block.info}\" is")
        self.accept("docs/policy/policy.yaml", (self.folder / "policy.yaml").read_text())
        self.accept("hostfence policy default", self.binary.output("policy", "default"))
        if self.counts["broken"] < BROKEN_MIN:
            self.failures.append(f"docs/policy.md: {self.counts['broken']} broken examples, and not {BROKEN_MIN}")

    def fail(self, block, message):
        self.failures.append(f"docs/policy.md:{block.line}: {message}")

    def good(self, block):
        name = f"docs/policy.md:{block.line}"
        if block.info == "yaml fragment":
            self.accept(name, HEADER + block.text)
            return
        kinds = {document.get("kind") for document in documents(block.text)}
        if None in kinds:
            self.fail(block, "an example without kind; say \"yaml fragment\"")
        elif kinds == {"Policy"}:
            self.accept(name, block.text)
        elif kinds == {"ConfigMap"}:
            for document in documents(block.text):
                for text in document["data"].values():
                    self.accept(name, text)

    def accept(self, name, text):
        """A policy that must be accepted by both."""
        self.counts["accepted"] += 1
        for document in documents(text):
            for refusal in self.schema.refusals(document):
                self.failures.append(f"{name}: the schema refuses what must be accepted: {refusal}")
        shown, status = self.check(text)
        if status != 0:
            self.failures.append(f"{name}: hostfence policy check ends with {status} for what must be accepted:\n{shown}")

    def broken(self, block, following):
        """A policy that must be refused, with what is printed in the next block."""
        is_beyond = block.info.endswith("beyond-schema")
        self.counts["beyond" if is_beyond else "broken"] += 1
        shown, status = self.check(block.text)
        if status != 2:
            self.fail(block, f"hostfence policy check ends with {status} for what must be refused:\n{shown}")
        refused = any(self.schema.refusals(document) for document in documents(block.text))
        if refused and is_beyond:
            self.fail(block, "the schema refuses what is said to be beyond it")
        elif not refused and not is_beyond:
            self.fail(block, "the schema accepts what must be refused")
        if following is None or following.info != "text":
            self.fail(block, "a block of text with what is printed must follow")
            return
        self.compare(following, following.text, shown, "hostfence policy check policy.yaml")

    def check(self, text):
        folder = self.work / "example"
        folder.mkdir(exist_ok=True)
        (folder / "policy.yaml").write_text(text)
        return self.binary.shown("policy", "check", "policy.yaml", folder=folder)

    def console(self, block):
        """Commands that are run again, all of a block in one session."""
        parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)
        if parts[0].strip():
            self.fail(block, "a console begins with $ and a command")
            return
        commands = parts[1::2]
        got = self.binary.session(commands, self.folder)
        self.counts["commands"] += len(commands)
        text = "".join(f"$ {command}\n{output}" for command, output in zip(commands, got))
        if text and not text.endswith("\n"):
            text += "\n"
        if len(got) != len(commands):
            self.fail(block, "the session ended before its last command")
        self.compare(block, block.text, text, "; ".join(commands))

    def compare(self, block, expected, got, what):
        if expected == got:
            return
        self.fail(block, f"{what}\n{difference(expected, got)}")
        self.updates.append((block, got))

    def update(self):
        """Writes what is printed now into the docs."""
        lines = self.markdown.splitlines(keepends=True)
        for block, got in sorted(self.updates, key=lambda update: -update[0].line):
            start = block.line - 1
            lines[start:start + len(block.text.splitlines())] = [got]
        pathlib.Path(self.path).write_text("".join(lines))
        return len(self.updates)
