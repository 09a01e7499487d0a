#!/usr/bin/env python3
"""Splunk's search for pods on the host network, written down a second time to compare with.

Reads audit events, one JSON object a line, and prints the rows of the table in Splunk's order, each as a JSON array:
the twelve by-fields, the count, the list of groups. Every step of the search is one function, and none is clever.
"""
import collections
import itertools
import json
import re
import sys

ANNOTATION = "requestObject.metadata.annotations.kubectl.kubernetes.io/last-applied-configuration"
BY = ["kind", "objectRef.name", "objectRef.namespace", "objectRef.resource", "requestObject.kind",
      "responseStatus.code", "sourceIPs{}", "stage", "user.username", "userAgent", "verb", ANNOTATION]
GROUPS = "user.groups{}"


class Members(list):
    """An object as its members, so that a key may come twice."""


def parse(line):
    return json.loads(line, object_pairs_hook=Members, parse_int=lambda digits: str(int(digits)),
                      parse_float=lambda digits: repr(float(digits)))


def flatten(value, steps, event):
    """All leaves by their full names: numbers are text already, null is nothing."""
    if isinstance(value, Members):
        for key, member in value:
            flatten(member, steps + [key], event)
    elif isinstance(value, list):
        for element in value:
            flatten(element, steps[:-1] + [steps[-1] + "{}"], event)
    elif value is True or value is False:
        event[".".join(steps)].append("true" if value else "false")
    elif value is not None:
        event[".".join(steps)].append(value)


def has(event, field, pattern):
    """Bytes patterns ignore the case of ASCII letters alone."""
    return any(re.fullmatch(pattern, value.encode(), re.IGNORECASE | re.DOTALL) for value in event.get(field, []))


def is_found(event):
    return (has(event, "objectRef.resource", rb"pods")
            and (has(event, "verb", rb"create") or has(event, "verb", rb"update"))
            and has(event, ANNOTATION, rb'.*"hostNetwork":true.*'))


def fillnull(events):
    seen = {field for event in events for field in event}
    for event in events:
        for field in seen:
            if not event.get(field):
                event[field] = ["0"]


def stats(events):
    rows = collections.defaultdict(lambda: [0, set()])
    for event in events:
        if all(event.get(field) for field in BY):
            for key in itertools.product(*(event[field] for field in BY)):
                rows[key][0] += 1
                rows[key][1].update(event.get(GROUPS, []))
    return rows


def main():
    events = []
    for line in sys.stdin.buffer:
        event = collections.defaultdict(list)
        flatten(parse(line), [], event)
        if is_found(event):
            events.append({field: event[field] for field in BY + [GROUPS] if event[field]})
    fillnull(events)
    rows = stats(events)
    for key in sorted(rows, key=lambda values: [value.encode() for value in values]):
        count, groups = rows[key]
        print(json.dumps([*key, count, sorted(groups, key=str.encode)]))


main()
