"""Reads manifests/ as kustomize renders it, for the checks beside this file."""

import pathlib
import re
import subprocess

import yaml

PROJECT = pathlib.Path(__file__).resolve().parents[2]
MANIFESTS = PROJECT / "manifests"
OVERLAYS = {"base": "warn", "overlays/audit": "audit", "overlays/deny": "deny"}
NAMESPACE = "hostfence-system"


class UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key given twice, which kubectl would take silently."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"key given twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def documents(text):
    return [document for document in yaml.load_all(text, UniqueKeyLoader) if document is not None]


def read(folder, objects=()):
    """A kustomization as kustomize renders it, for the few features that manifests/ uses; names get no hash.

    A component is given the objects that are there already. A bare machine has no kubectl. Where there is one, a test
    holds the two renderings against each other.
    """
    folder = (MANIFESTS / folder).resolve()
    (settings,) = documents((folder / "kustomization.yaml").read_text())
    unknown = set(settings) - {"apiVersion", "kind", "resources", "components", "configMapGenerator", "patches"}
    assert not unknown, f"{folder}: the reader in rendering.py does not know {unknown}"
    objects = list(objects)
    for resource in settings.get("resources", []):
        path = folder / resource
        objects += read(path) if path.is_dir() else documents(path.read_text())
    for generator in settings.get("configMapGenerator", []):
        data = dict(literal.split("=", 1) for literal in generator.get("literals", []))
        data.update({name: (folder / name).read_text() for name in generator.get("files", [])})
        if generator.get("behavior") == "merge":
            named(objects, "ConfigMap", generator["name"])["data"].update(data)
        else:
            metadata = {"name": generator["name"], "namespace": generator["namespace"]}
            metadata["labels"] = generator["options"]["labels"]
            objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    for component in settings.get("components", []):
        objects = read(folder / component, objects)
    for patch in settings.get("patches", []):
        (operations,) = documents((folder / patch["path"]).read_text())
        json_patch(named(objects, patch["target"]["kind"], patch["target"]["name"]), operations)
    return objects


def json_patch(target, operations):
    """Those operations of RFC 6902 that manifests/ uses."""
    for operation in operations:
        *path, last = operation["path"].removeprefix("/").split("/")
        place = target
        for step in path:
            place = place[int(step) if isinstance(place, list) else step]
        kind = operation["op"]
        if (kind, last) == ("add", "-"):
            place.append(operation["value"])
            continue
        key = int(last) if isinstance(place, list) else last
        if kind == "add" and isinstance(place, dict):
            assert key not in place, f"{operation['path']} is there already, and would be replaced"
            place[key] = operation["value"]
        elif kind == "test":
            assert place[key] == operation["value"], f"{operation['path']} is {place[key]}, not {operation['value']}"
        else:
            assert kind == "replace", f"the reader in rendering.py does not know {kind} at {operation['path']}"
            place[key] = operation["value"]


def kubectl_rendering(folder):
    """The same through `kubectl kustomize`, with the hash taken off the ConfigMap's name again."""
    command = ["kubectl", "kustomize", MANIFESTS / folder]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return documents(re.sub(r"\bhostfence-config-[0-9a-z]{10}\b", "hostfence-config", text))


def by_identity(objects):
    keyed = {(o["apiVersion"], o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]): o for o in objects}
    assert len(keyed) == len(objects), "two objects have the same name"
    return keyed


def one(objects, kind):
    (found,) = [o for o in objects if o["kind"] == kind]
    return found


def named(objects, kind, name):
    return one([o for o in objects if o["metadata"]["name"] == name], kind)
