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


def read(folder):
    """A kustomization as kustomize renders it, for the few features that manifests/ uses; names get no hash.

    A bare machine has no kubectl. Where there is one, a test holds the two renderings against each other.
    """
    folder = (MANIFESTS / folder).resolve()
    (settings,) = documents((folder / "kustomization.yaml").read_text())
    unknown = set(settings) - {"apiVersion", "kind", "resources", "configMapGenerator"}
    assert not unknown, f"{folder}: the reader in rendering.py does not know {unknown}"
    objects = []
    for resource in settings["resources"]:
        path = folder / resource
        objects += read(path) if path.is_dir() else documents(path.read_text())
    for generator in settings.get("configMapGenerator", []):
        data = dict(literal.split("=", 1) for literal in generator["literals"])
        if generator.get("behavior") == "merge":
            existing = one(objects, "ConfigMap")
            assert existing["metadata"]["name"] == generator["name"]
            existing["data"].update(data)
        else:
            metadata = {"name": generator["name"], "namespace": generator["namespace"]}
            metadata["labels"] = generator["options"]["labels"]
            objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    return objects


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
