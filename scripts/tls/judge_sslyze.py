"""Judges what sslyze found, one line for each promise. Usage: judge_sslyze.py RESULT.json

The result is of two servers, one with an ECDSA and one with an RSA certificate: each accepts only those of the six
suites of TLS 1.2 that its certificate allows.
Exit code 0 when all is as promised, 1 when something is not.
"""

import json
import sys

TLS12_SUITES = {
    kind: {f"TLS_ECDHE_{kind}_WITH_{cipher}" for cipher in (
        "AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")}
    for kind in ("ECDSA", "RSA")
}
TLS13_SUITES = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
GOOD_CURVES = {"X25519", "X448", "secp256r1", "secp384r1", "secp521r1"}
KEYS = {"ECPublicKey": "ECDSA", "RSAPublicKey": "RSA"}


class Judge:
    """The result of one server's scan."""

    def __init__(self, server):
        if server["scan_status"] != "COMPLETED":
            raise SystemExit(f"judge_sslyze.py: sslyze could not scan: {server['connectivity_error_trace']}")
        self.result = server["scan_result"]
        self.failed = 0
        (leaf, *_) = self.of("certificate_info")["certificate_deployments"][0]["received_certificate_chain"]
        self.kind = KEYS[leaf["public_key"]["algorithm"]]

    def of(self, command):
        """What one scan command found; one that did not run proves nothing, so it is no pass."""
        attempt = self.result[command]
        if attempt["status"] != "COMPLETED":
            raise LookupError(f"sslyze did not complete {command}: {attempt['status']} {attempt['error_reason']}")
        return attempt["result"]

    def expect(self, sentence, find):
        """`find` returns what was seen, and whether that is right."""
        try:
            seen, holds = find()
        except (KeyError, LookupError, TypeError, ValueError) as problem:
            seen, holds = f"cannot be judged: {problem!r}", False
        self.failed += not holds
        print(f"{'ok    ' if holds else 'NOT OK'}  sslyze, {self.kind} certificate: {sentence}: {seen}")

    def suites(self, command):
        return {suite["cipher_suite"]["name"] for suite in self.of(command)["accepted_cipher_suites"]}

    def expect_suites(self, name, command, expected):
        def find():
            accepted = self.suites(command)
            tried = len(accepted) + len(self.of(command)["rejected_cipher_suites"])
            wrong, missing = sorted(accepted - expected), sorted(expected - accepted)
            words = f"{len(accepted)} of {tried} accepted" if accepted else f"none of {tried} accepted"
            words += "".join(f", also {suite}" for suite in wrong) + "".join(f", not {suite}" for suite in missing)
            return words, tried > 0 and not wrong and not missing
        self.expect(f"{name} has {'these suites alone' if expected else 'no suite'}", find)

    def expect_value(self, sentence, command, key, *good):
        def find():
            value = self.of(command)[key]
            return value, value in good
        self.expect(sentence, find)

    def judge(self):
        for name in ("SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1"):
            self.expect_suites(name, f"{name.lower().replace(' ', '_').replace('.', '_')}_cipher_suites", set())
        self.expect_suites("TLS 1.2", "tls_1_2_cipher_suites", TLS12_SUITES[self.kind])
        self.expect_suites("TLS 1.3", "tls_1_3_cipher_suites", TLS13_SUITES)
        self.expect("every group is of 128 bits or more", self.curves)
        self.expect("the certificate is trusted by its authority", self.certificate)
        self.expect_value("no compression", "tls_compression", "supports_compression", False)
        command = "session_renegotiation"
        self.expect_value("secure renegotiation is signalled", command, "supports_secure_renegotiation", True)
        self.expect_value("no renegotiation by the client", command, "client_renegotiations_success_count", 0)
        command = "session_resumption"
        for name, key in (("session id", "session_id"), ("ticket", "tls_ticket")):
            self.expect_value(f"no resumption by {name}", command, f"{key}_resumption_result", "NOT_SUPPORTED")
        self.expect_value("no early data", "tls_1_3_early_data", "supports_early_data", False)
        self.expect_value("not vulnerable to Heartbleed", "heartbleed", "is_vulnerable_to_heartbleed", False)
        self.expect_value("not vulnerable to ROBOT", "robot", "robot_result", "NOT_VULNERABLE_RSA_NOT_SUPPORTED")
        self.expect_value("not vulnerable to CCS injection", "openssl_ccs_injection",
                          "is_vulnerable_to_ccs_injection", False)
        self.expect_value("downgrades are detected", "tls_fallback_scsv", "supports_fallback_scsv", True)
        self.expect_value("extended master secret", "tls_extended_master_secret", "supports_ems_extension", True)

    def curves(self):
        found = self.of("elliptic_curves")
        names = {curve["name"] for curve in found["supported_curves"]}
        tried = len(names) + len(found["rejected_curves"])
        return f"{', '.join(sorted(names))} of {tried}", bool(names) and names <= GOOD_CURVES

    def certificate(self):
        words, holds = [], True
        for deployment in self.of("certificate_info")["certificate_deployments"]:
            trusted = [check["trust_store"]["name"] for check in deployment["path_validation_results"]
                       if check["was_validation_successful"]]
            holds = holds and "Supplied CA file" in trusted and deployment["received_chain_has_valid_order"]
            words += trusted or ["not trusted"]
        return ", ".join(words), holds and bool(words)


def main(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    judges = sorted((Judge(server) for server in document["server_scan_results"]), key=lambda judge: judge.kind)
    for judge in judges:
        judge.judge()
    kinds = sorted(judge.kind for judge in judges)
    if kinds != ["ECDSA", "RSA"]:
        print(f"NOT OK  sslyze: servers with certificates of {kinds} were scanned")
    return 1 if kinds != ["ECDSA", "RSA"] or any(judge.failed for judge in judges) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
