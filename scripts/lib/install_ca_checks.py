"""Rules that scripts/install-ca.sh keeps. Run by scripts/test-deployment.sh."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import yaml

from rendering import MANIFESTS, NAMESPACE, OVERLAYS, PROJECT, documents, read

INSTALL_CA = PROJECT / "scripts" / "install-ca.sh"


class InstallingTheCA(unittest.TestCase):
    """Rules for scripts/install-ca.sh, with a certificate made here."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.certificates = pathlib.Path(cls.folder.name)
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=test"
        for name in ("ca", "tls"):
            files = ["-keyout", cls.certificates / f"{name}.key", "-out", cls.certificates / f"{name}.crt"]
            subprocess.run([*command.split(), *files], check=True, capture_output=True)
        cls.bundle = base64.b64encode((cls.certificates / "ca.crt").read_bytes()).decode()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_script(self, *arguments, text="", path=None):
        environment = dict(os.environ, PATH=path or os.environ["PATH"])
        return subprocess.run([INSTALL_CA, *arguments], input=text, env=environment, capture_output=True, text=True)

    def check_injected(self, rendered, expected):
        self.assertEqual(rendered.returncode, 0, rendered.stderr)
        objects = documents(rendered.stdout)
        for o in objects:
            for webhook in o.get("webhooks", []):
                self.assertEqual(webhook["clientConfig"].pop("caBundle"), self.bundle)
        self.assertEqual(objects, expected)

    def test_inject_puts_the_ca_into_every_webhook_and_changes_nothing_else(self):
        both = [*read("overlays/deny"), *read("components/custom-resources")]
        text = yaml.safe_dump_all(both)
        once = self.run_script("inject", self.certificates, text=text)
        self.check_injected(once, both)
        self.assertEqual(once.stdout.count(self.bundle), 2)
        self.assertEqual(self.run_script("inject", self.certificates, text=once.stdout).stdout, once.stdout)

    def test_inject_reads_the_manifest_as_it_is_written(self):
        text = (MANIFESTS / "base/validatingwebhookconfiguration.yaml").read_text()
        self.check_injected(self.run_script("inject", self.certificates, text=text), documents(text))

    def test_render_prints_the_overlay_with_the_ca(self):
        if not shutil.which("kubectl"):
            self.skipTest("no kubectl here")
        for folder in OVERLAYS:
            rendered = self.run_script("render", MANIFESTS / folder, self.certificates)
            text = subprocess.run(["kubectl", "kustomize", MANIFESTS / folder], capture_output=True, text=True).stdout
            self.check_injected(rendered, documents(text))

    def test_patch_sends_the_ca_for_every_webhook_of_the_cluster(self):
        kubectl = '#!/bin/sh\ncase $1 in get) echo "one.example two.example";; *) printf "%s\\n" "$@";; esac\n'
        with tempfile.TemporaryDirectory() as folder:
            stand_in = pathlib.Path(folder) / "kubectl"
            stand_in.write_text(kubectl)
            stand_in.chmod(0o755)
            answer = self.run_script("patch", self.certificates, path=f"{folder}:{os.environ['PATH']}")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        *arguments, operations = answer.stdout.splitlines()
        expected_arguments = ["patch", "validatingwebhookconfiguration", "hostfence", "--type=json", "--patch"]
        self.assertEqual(arguments, expected_arguments)
        expected = []
        for index, name in enumerate(["one.example", "two.example"]):
            expected.append({"op": "test", "path": f"/webhooks/{index}/name", "value": name})
            path = f"/webhooks/{index}/clientConfig/caBundle"
            expected.append({"op": "add", "path": path, "value": self.bundle})
        self.assertEqual(json.loads(operations), expected)

    def test_secret_holds_the_serving_certificate_and_its_key(self):
        (secret,) = documents(self.run_script("secret", self.certificates).stdout)
        metadata = secret["metadata"]
        self.assertEqual((metadata["name"], metadata["namespace"]), ("hostfence-tls", NAMESPACE))
        self.assertEqual(secret["type"], "kubernetes.io/tls")
        self.assertEqual(set(secret["data"]), {"tls.crt", "tls.key"})
        for name, value in secret["data"].items():
            self.assertEqual(base64.b64decode(value), (self.certificates / name).read_bytes())

    def test_what_cannot_be_installed_is_refused(self):
        manifest = (MANIFESTS / "base/validatingwebhookconfiguration.yaml").read_text()
        with tempfile.TemporaryDirectory() as folder:
            missing = self.run_script("inject", folder, text=manifest)
            ca = pathlib.Path(folder) / "ca.crt"
            ca.write_text("no certificate\n")
            unreadable = self.run_script("inject", folder, text=manifest)
            ca.write_bytes((self.certificates / "ca.crt").read_bytes() + (self.certificates / "ca.key").read_bytes())
            private = self.run_script("inject", folder, text=manifest)
        nothing = self.run_script("inject", self.certificates, text="kind: ConfigMap\n")
        for answer, words in ((missing, "missing or empty"), (unreadable, "PEM certificate"),
                              (private, "private key"), (nothing, "no clientConfig")):
            self.assertEqual(answer.returncode, 2)
            self.assertIn(words, answer.stderr)
