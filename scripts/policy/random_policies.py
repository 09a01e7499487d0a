"""Random policies, good and bad, that the schema and `hostfence policy check` must judge alike.

Good ones are made from the schema itself, bad ones from good ones by one or two changes. Whatever the schema refuses, the
check must refuse; what only the check refuses must be of the kinds that no schema can see.
"""

import collections
import copy
import json
import random

try:
    from re import _constants as sre
    from re import _parser as sre_parser
except ImportError:
    import sre_constants as sre
    import sre_parse as sre_parser

import yaml

SEED = 20261125
BATCHES = 40
BATCH_SIZE = 75
ALONE = 250

# Parts of what `policy check` says about things that no schema can see.
BEYOND_SCHEMA = (
    " is set already, ", " is taken already, ", " is never reached: ", " names nobody and nothing, ", ", which makes pods: ", " is no custom resource: ",
    ": there is no such day as ", "denyFrom is when a warning becomes a denial, and the mode is ",
)

INTERESTING = (
    "", " ", "*", "?", "**", "a", "A", "-", "a-", "-a", "a.b", "a/b", "a:b", "/", "core/Pod", "apps/Deployment", "/Pod",
    "Pod", "pods", "<why>", "x<", " x", "x ", "x\n", "\nx", "x\ny", "a b", "%s", "a%", "é", "日本", "\u00a0x", "x\u00a0",
    "\u2028", "\u200bx", "\x1cx", "\u3000x", "x\r", "x\r\ny", "\U0001f600", "\t", "x\t",
    "\ufeffx", "x\ufeff", "\x85x", "x\x85", "a\x85b",
    "off", "on", "yes", "null", "~", "true", "1", "1.5", "-1", "0x10",
    "2027-06-30", "2027-02-30", "2027-13-01", "2027-06-30T12:00:00Z", "2027-06-30T12:00:00+01:00",
    "2027-06-30T24:00:00Z", "2027-06-30 12:00:00", "2027-6-3", "2027-06-30\n", "0000-01-01", "9999-12-31", "24h", "0h",
    "7d", "1w", "999999s", "1000000s", "1.5h", "monitoring/agent", "monitoring", "a/b/c",
    "system:serviceaccount:a:b", "system:serviceaccount:a", "system:serviceaccount:a:b:c", "spec.hostNetwork",
    "hostNetwork", "spec.hostIPC", "spec.*", ".hostNetwork", "spec..hostNetwork", "spec.tasks[*].hostNetwork",
    "quay.io/a/b:*", "a@sha256:00", "img\\*", "[a-z]", "{a,b}", "\\*", "a" * 63, "a" * 64, "A" * 63, "A" * 64,
    "a" * 253, "a" * 254, "a" * 512, "a" * 513, "audit", "warn", "deny", "Warn", "introduced", "any", "NET_RAW",
    "hostfence.dev/v1", "hostfence.dev/v2", "Policy", "policy", "ConfigMap",
)

VALUES = (
    None, True, False, 0, 1, -1, 50, 100, 101, 1000, 1001, -1000, -1001, 1.5, 70.0, 0.0, -0.0, 1e2, 1e30, 10**30, 2**63,
    -(2**63), [], {}, [None], [[]], {"a": 1}, "", "x", ["*"], [1], ["x", "x"],
)


class Maker:
    """Makes policies out of a schema."""

    def __init__(self, schema, seed):
        self.schema = schema
        self.random = random.Random(seed)

    def good(self):
        """A policy that fits the schema."""
        return self.value(self.schema)

    def bad(self):
        """A policy with one or two changes; by chance it may still fit."""
        policy = self.good()
        for _ in range(self.random.choice((1, 1, 2))):
            policy = self.changed(policy)
        return policy

    def value(self, schema):
        kind = schema["type"]
        if kind == "object":
            return self.object(schema)
        if kind == "array":
            count = self.random.choice((1, 1, 2, 3))
            made = [self.value(schema["items"]) for _ in range(max(count, schema.get("minItems", 0)))]
            return list(dict.fromkeys(made)) if schema.get("uniqueItems") else made
        if kind == "string":
            return self.random.choice(schema["enum"]) if "enum" in schema else self.text(schema["pattern"])
        if kind in ("integer", "number"):
            low, high = schema["minimum"], schema["maximum"]
            return self.random.choice((low, high, self.random.randint(low, high), float(self.random.randint(low, high)),
                                       *((self.random.uniform(low, high),) if kind == "number" else ())))
        return self.random.random() < 0.5

    def object(self, schema):
        properties = schema["properties"]
        required = set(schema.get("required", ()))
        chosen = {key for key in properties if key in required or self.random.random() < 0.4}
        if "oneOf" in schema:
            names = [branch["required"][0] for branch in schema["oneOf"]]
            chosen = chosen - set(names) | {self.random.choice(names)}
        if not chosen and schema.get("minProperties"):
            chosen = {self.random.choice(sorted(properties))}
        made = {key: self.value(properties[key]) for key in properties if key in chosen}
        # if: denyFrom; then: what the mode must be
        if "if" in schema and all(key in made for key in schema["if"]["required"]):
            for key, rule in schema["then"]["properties"].items():
                if key in made:
                    made[key] = rule["const"]
        keys = list(made)
        self.random.shuffle(keys)
        return {key: made[key] for key in keys}

    def text(self, pattern):
        return self.parsed(sre_parser.parse(pattern))

    def parsed(self, nodes):
        return "".join(self.piece(*node) for node in nodes)

    def piece(self, code, argument):
        """A text for one part of a parsed regular expression."""
        if code is sre.LITERAL:
            return chr(argument)
        if code is sre.NOT_LITERAL:
            return self.random.choice([c for c in "az09-./:* é日" if ord(c) != argument])
        if code is sre.SUBPATTERN:
            return self.parsed(argument[-1])
        if code is sre.BRANCH:
            return self.parsed(self.random.choice(argument[1]))
        if code is sre.MAX_REPEAT:
            low, high, part = argument
            high = int(min(high, low + 600))
            count = self.random.choice((low, high if high < 300 or self.random.random() < 0.1 else low,
                                        self.random.randint(low, min(high, low + 8))))
            return "".join(self.parsed(part) for _ in range(count))
        if code is sre.IN:
            return self.one_of(argument)
        if code is sre.AT:
            return ""
        raise SystemExit(f"nobody knows how to make a text for {code}")

    def one_of(self, ranges):
        """A character of a class; what a negated one leaves out is what the alphabet below leaves out."""
        if ranges[0][0] is sre.NEGATE or any(code is sre.CATEGORY for code, _ in ranges):
            excluded = {chr(argument) for code, argument in ranges if code is sre.LITERAL}
            return self.random.choice([c for c in "abzAZ059-.,*?:@()'\"#é日\U0001f600" if c not in excluded])
        code, argument = self.random.choice(ranges)
        if code is sre.LITERAL:
            return chr(argument)
        return chr(self.random.choice((argument[0], argument[1], self.random.randint(*argument))))

    # What goes wrong

    def changed(self, policy):
        policy = copy.deepcopy(policy)
        places = list(self.places(policy))
        holder, key = self.random.choice(places) if places else (None, None)
        if holder is None:
            return self.random.choice(VALUES)
        changes = [self.replace_value, self.replace_text, self.vary_text, self.remove]
        if isinstance(holder, dict):
            changes += [self.misspell, self.add_key]
        self.random.choice(changes)(holder, key)
        return policy

    def places(self, node):
        """Every place of a tree: what holds it, and its key there."""
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            yield node, key
            yield from self.places(value)

    def replace_value(self, holder, key):
        holder[key] = copy.deepcopy(self.random.choice(VALUES))

    def replace_text(self, holder, key):
        holder[key] = self.random.choice(INTERESTING)

    def vary_text(self, holder, key):
        text = holder[key]
        if not isinstance(text, str) or not text:
            holder[key] = [holder[key]]
            return
        place = self.random.randrange(len(text))
        holder[key] = self.random.choice((
            text[:place] + text[place + 1:],
            text[:place] + self.random.choice(" \n\t/<%:-A*.é\u00a0\"") + text[place:],
            text.upper(), text.lower(), text + text, text + "\n",
        ))

    def remove(self, holder, key):
        del holder[key]

    def misspell(self, holder, key):
        value = holder.pop(key)
        place = self.random.randrange(len(key)) if key else 0
        wrong = self.random.choice((key[:place] + key[place + 1:], key + "s", key.upper(), key[:place] + "x" + key[place:]))
        holder[wrong] = value

    def add_key(self, holder, key):
        names = ("labels", "matchLabels", "selector", "annotations", "mode", "denyFrom", "add", "multiply", "match", "id",
                 "exemption", "description", "")
        holder.setdefault(self.random.choice(names), self.random.choice((holder[key], *VALUES)))


class Quoted(yaml.SafeDumper):
    """Writes every text in double quotes, so that no reader takes it for something else."""

    def ignore_aliases(self, data):
        return True


Quoted.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def written(policy, random_source):
    """A policy as a file: its ending, and its text."""
    if random_source.random() < 0.5:
        return "json", json.dumps(policy, ensure_ascii=random_source.random() < 0.5)
    return "yaml", yaml.dump(policy, Dumper=Quoted, sort_keys=False, width=1 << 20)


class RandomPolicies:
    """A run with many policies."""

    def __init__(self, binary, schema, work):
        self.binary, self.schema, self.work = binary, schema, work
        self.failures = []
        self.counts = collections.Counter()

    def run(self):
        maker = Maker(self.schema.document, SEED)
        for number in range(BATCHES):
            self.batch(maker, self.work / f"batch-{number}", BATCH_SIZE)
        for number in range(ALONE):
            self.batch(maker, self.work / f"alone-{number}", 1)
        for verdict in ("accepted", "refused"):
            if self.counts[verdict] * 4 < self.counts["policies"]:
                self.failures.append(f"only {self.counts[verdict]} of {self.counts['policies']} policies are {verdict}")

    def batch(self, maker, folder, size):
        """Some policies in one run, which names the file of each problem; what compares files is beyond the schema."""
        folder.mkdir()
        policies = {}
        for number in range(size):
            policy = maker.good() if maker.random.random() < 0.5 else maker.bad()
            ending, text = written(policy, maker.random)
            name = f"{number:04}.{ending}"
            (folder / name).write_text(text, encoding="utf-8")
            policies[name] = policy, text
        report, status = self.binary.check(*policies, folder=folder)
        said = collections.defaultdict(list)
        for problem in report["errors"]:
            said[problem["file"]].append(problem["message"])
        if (status == 2) != bool(report["errors"]):
            self.failures.append(f"{folder.name}: exit code {status} with {len(report['errors'])} errors")
        for name, (policy, text) in policies.items():
            self.judge(f"{folder.name}/{name}", policy, text, said[name])

    def judge(self, name, policy, text, messages):
        self.counts["policies"] += 1
        refusals = self.schema.refusals(policy)
        self.counts["refused" if refusals else "accepted"] += 1
        within = [message for message in messages if not any(part in message for part in BEYOND_SCHEMA)]
        self.counts["beyond"] += len(messages) > len(within)
        if bool(refusals) == bool(within):
            return
        if refusals:
            found = f"the schema refuses it, and policy check does not: {refusals[0][:300]}"
        else:
            found = f"policy check refuses it, and the schema does not: {within[0][:300]}"
        self.failures.append(f"{name}: {found}\n    {text[:1500]}")
