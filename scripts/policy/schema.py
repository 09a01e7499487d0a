"""The schema that `hostfence policy schema` prints, as a judge of policies, and YAML as kubectl reads it."""

import re

import jsonschema
import yaml

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# ECMA-262, WhiteSpace and LineTerminator: not the white space of Python's `re`.
ECMA_SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def ecma_pattern(pattern):
    """A pattern in Python's words: JSON Schema's are of ECMA-262, where $ is the very end, and white space its own."""
    text, place, in_class = "", 0, False
    while place < len(pattern):
        piece = pattern[place]
        if piece == "\\":
            piece = pattern[place:place + 2]
        place += len(piece)
        if piece in ("[", "]"):
            in_class = piece == "["
        elif piece == "$" and not in_class:
            piece = r"\Z"
        elif piece == r"\s":
            piece = ECMA_SPACE if in_class else f"[{ECMA_SPACE}]"
        elif piece == r"\S":
            # Of a class only [\s\S] is in use, which is everything; there Python's \S will do beside ECMA's \s.
            piece = r"\S" + ECMA_SPACE if in_class else f"[^{ECMA_SPACE}]"
        text += piece
    return re.compile(text)


def pattern_keyword(validator, pattern, instance, schema):
    """JSON Schema's `pattern`, with ECMA-262's meaning."""
    if validator.is_type(instance, "string") and not ecma_pattern(pattern).search(instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": pattern_keyword})


class Schema:
    """The schema, itself checked against its dialect."""

    def __init__(self, document):
        if document.get("$schema") != DIALECT:
            raise SystemExit(f"the schema is of another dialect than {DIALECT}: {document.get('$schema')}")
        jsonschema.Draft202012Validator.check_schema(document)
        self.document = document
        self.validator = Validator(document)

    def refusals(self, policy):
        """What the schema has against a policy; empty when it accepts it."""
        return [f"{'/'.join(map(str, error.absolute_path)) or 'the policy'}: {error.message}"
                for error in self.validator.iter_errors(policy)]


class Loader(yaml.SafeLoader):
    """YAML as kubectl reads it: off, on, yes and no are booleans, and a date is text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def documents(text):
    """The documents of a YAML text; an empty one is none."""
    return [document for document in yaml.load_all(text, Loader) if document is not None]
