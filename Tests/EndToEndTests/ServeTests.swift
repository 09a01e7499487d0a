// `hostfence serve` over real TLS, with curl as the client.

import Foundation
import TestSupport
import Testing

@Suite struct ServeTests {
  private func review(_ file: String) throws -> [UInt8] { try Fixtures.bytes("admission-reviews/\(file)") }

  @Test func `every recorded review gets its verdict, and the ledger and standard output hold its events`() async throws
  {
    let server = try await Server(["--mode", "deny"])
    for expected in try ExpectedReview.all() {
      let bytes = try review(expected.file)
      let response = try await server.verdict(bytes, path: "/validate")
      let text = String(decoding: bytes, as: UTF8.self)
      let uid = try #require(text.firstMatch(of: /"uid":"([^"]+)"/)?.1)
      #expect(response["uid"] as? String == String(uid))
      #expect(response["allowed"] as? Bool == (expected.verdict != "deny"), "\(expected.file)")
      let status = response["status"] as? [String: Any]
      #expect(status?["code"] as? Int == (expected.verdict == "deny" ? 403 : nil))
      #expect(status?["reason"] as? String == (expected.verdict == "deny" ? "Forbidden" : nil))
      #expect((response["warnings"] as? [String])?.isEmpty == (expected.verdict == "warn" ? false : nil))
    }
    let expected = try ExpectedReview.all().map(\.events).reduce(0, +)
    let events = try await server.events()
    #expect(events.count == expected)
    #expect(!events.contains { $0["name"] as? String == "dry" })
    let tolerated = try #require(
      events.first { $0["operation"] as? String == "UPDATE" && $0["kind"] as? String == "Pod" }
    )
    #expect(tolerated["introduced"] as? Bool == false)
    #expect(tolerated["counted"] as? Bool == false)
    for key in [
      "id", "time", "riskObject", "riskObjectType", "riskScore", "riskMessage", "threatObject", "decision",
      "introduced",
      "counted", "namespace", "kind", "name", "pointer",
    ] {
      #expect(events.allSatisfy { $0[key] != nil }, "\(key)")
    }
    #expect(server.terminate() == 0)
    #expect(try server.outputLines().map { $0["id"] as? String } == events.map { $0["id"] as? String })
  }

  @Test func `the path sets the mode`() async throws {
    let server = try await Server(["--mode", "warn", "--ledger", "none"])
    let bytes = try review("017-create-pods-sniffer.json")
    let deny = try await server.verdict(bytes, path: "/validate/deny?timeout=5s")
    #expect(deny["allowed"] as? Bool == false)
    let message = try #require((deny["status"] as? [String: Any])?["message"] as? String)
    #expect(message.contains("Pod payments/sniffer uses the node's network: spec.hostNetwork is true"))
    #expect(message.contains("Fix: remove hostNetwork"))
    let warn = try await server.verdict(bytes, path: "/validate/warn")
    #expect(warn["allowed"] as? Bool == true)
    #expect(warn["status"] == nil)
    let warnings = try #require(warn["warnings"] as? [String])
    #expect(warnings.allSatisfy { $0.count <= 120 && !$0.contains("\n") })
    #expect(warnings == (try await server.verdict(bytes, path: "/validate"))["warnings"] as? [String])
    let audit = try await server.verdict(bytes, path: "/validate/audit")
    #expect(audit["allowed"] as? Bool == true)
    #expect(audit["warnings"] == nil)
    let annotations = try #require(audit["auditAnnotations"] as? [String: String])
    #expect(annotations["decision"] == "allow")
    #expect(annotations["pointers"] == "/spec/hostNetwork")
    for key in annotations.keys { #expect(key.wholeMatch(of: /[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?/) != nil) }
  }

  @Test func `bad requests get their status and a clear JSON body, and the connection goes on`() async throws {
    let server = try await Server(["--ledger", "none"])
    let json = ["-H", "Content-Type: application/json"]
    let good = try review("018-create-pods-web.json")
    let noObject = Array(
      #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","kind":{"group":"","version":"v1","kind":"Pod"},"operation":"CREATE","object":null}}"#
        .utf8
    )
    let text = Array(
      String(decoding: try review("017-create-pods-sniffer.json"), as: UTF8.self)
        .replacing(#""hostNetwork":true,"securityContext""#, with: #""hostNetwork":"true","securityContext""#).utf8
    )
    let cases: [(body: [UInt8], path: String, arguments: [String], code: Int, words: String)] = [
      (good, "/nothing", json, 404, "/validate/deny"), (good, "/validate/", json, 404, "NotFound"),
      (good, "/validate", json + ["-X", "PUT"], 405, "only POST"),
      (good, "/validate", ["-H", "Content-Type: text/plain"], 415, "application/json"),
      (good, "/validate", ["-H", "Content-Type:"], 415, "application/json"),
      (good, "/validate", json + ["-H", "Content-Encoding: gzip"], 415, "uncompressed"),
      ([], "/validate", json, 400, "empty"), (Array("{".utf8), "/validate", json, 400, "not valid JSON"),
      (Array("{}".utf8), "/validate", json, 400, "not an AdmissionReview"),
      (Array("[1]".utf8), "/validate", json, 400, "not an AdmissionReview"),
      (
        Array(#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{}}"#.utf8), "/validate",
        json,
        400, "v1beta1"
      ),
      (
        Array(#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":""}}"#.utf8), "/validate",
        json, 400, "request.uid"
      ),
      (noObject, "/validate", json, 500, "cannot be decided"), (text, "/validate", json, 500, "cannot be decided"),
      (Array(repeating: 0x20, count: 7 << 20 + 1), "/validate", json, 413, "larger than"),
      (
        Array(repeating: 0x20, count: 9 << 20), "/validate", json + ["-H", "Transfer-Encoding: chunked"], 413,
        "larger than"
      ),
    ]
    for bad in cases {
      let (code, body) = try await server.post(bad.body, path: bad.path, curl: bad.arguments)
      #expect(code == bad.code, "\(bad.path) \(bad.arguments) \(body)")
      let status = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any], "\(body)")
      #expect(status["kind"] as? String == "Status")
      #expect(status["code"] as? Int == bad.code)
      #expect((body.contains(bad.words)), "\(bad.words) in \(body)")
    }
    #expect(try await server.verdict(good)["allowed"] as? Bool == true)
  }

  @Test func `a server may have more files open than it takes connections, where the system lets it`() async throws {
    let (soft, hard) = try await Server(openFiles: 256).openFilesLimit()
    #expect(soft ?? .max >= min(hard ?? .max, 65_536))
  }

  @Test func `the log is one JSON object a line where that is asked for`() async throws {
    let server = try await Server(["--log-format", "json", "--mode", "deny"])
    _ = try await server.post(review("017-create-pods-sniffer.json"))
    #expect(server.terminate() == 0)
    let lines = try server.errors.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.allSatisfy { $0["time"] is String && $0["level"] is String && $0["message"] is String })
    let denied = try #require(lines.first { $0["message"] as? String == "denied" })
    #expect(denied["level"] as? String == "notice")
    #expect(denied["name"] as? String == "sniffer")
    #expect((denied["uid"] as? String)?.hasPrefix("1f930cf0-3cdd-4db2-b") ?? false)
  }

  @Test(arguments: ["text", "json"])
  func `what a requester chose does not forge lines of the log`(format: String) async throws {
    let server = try await Server(["--log-format", format, "--mode", "deny"])
    // A line feed, a C1 control that terminals obey, a line separator, an override of direction, quotes.
    let forged = #"x\nforged\u009b31m\u2028y\u202e \"z\""#
    let review = String(decoding: try review("017-create-pods-sniffer.json"), as: UTF8.self)
      .replacing(#""name":"sniffer""#, with: #""name":"\#(forged)""#)
    #expect(review.contains(forged))
    #expect(try await server.verdict(Array(review.utf8))["allowed"] as? Bool == false)
    #expect(server.terminate() == 0)
    let denied = server.errors.split(separator: "\n").filter { $0.contains("denied") }
    #expect(denied.count == 1)
    #expect(!server.errors.split(separator: "\n").contains { $0.hasPrefix("forged") })
    for scalar in ["\u{9b}", "\u{2028}", "\u{202e}"] { #expect(!server.errors.contains(scalar)) }
    #expect(
      denied[0].contains(format == "json" ? #""name":"x forged 31m y  \"z\"""# : #"name="x forged 31m y  \"z\"""#)
    )
  }

  @Test(arguments: [false, true])
  func `reviews are answered though nobody reads the log`(isLedgerBroken: Bool) async throws {
    // A pipe takes 64 KiB; every denial writes a line of some hundred bytes, and a risk event that no ledger takes 2 kB.
    let unread = Pipe()
    let server = try await Server(["--mode", "deny"], errors: unread)
    if isLedgerBroken {
      for suffix in ["", "-wal", "-shm"] {
        try FileManager.default.removeItem(atPath: server.folder.path("ledger.sqlite\(suffix)"))
      }
      try FileManager.default.createDirectory(
        atPath: server.folder.path("ledger.sqlite"),
        withIntermediateDirectories: false
      )
    }
    let load = try LoadClient(
      server: server,
      prefix: "unread",
      template: String(decoding: review("017-create-pods-sniffer.json"), as: UTF8.self)
        .replacing(#/"uid":"1f930cf0-[^"]*"/#, with: #""uid":"UID""#)
    )
    try await load.start(server: server, connections: 4)
    for _ in 0..<3_000 where load.answeredCount < 2_000 { try await Task.sleep(for: .milliseconds(20)) }
    // It does not wait for its reader at the end either.
    #expect(await server.terminated() == 0)
    let tally = try await load.stop()
    #expect(tally.answered.count >= 2_000 && tally.wrong.isEmpty)
    _ = unread
  }

  @Test func `a review of exactly the largest size is judged`() async throws {
    let server = try await Server(["--ledger", "none"])
    let text = String(decoding: try review("017-create-pods-sniffer.json"), as: UTF8.self)
    let padding = String(repeating: "x", count: (7 << 20) - text.utf8.count - 7)
    let large = Array(("{\"p\":\"\(padding)\"," + text.dropFirst()).utf8.prefix(7 << 20))
    #expect(large.count == 7 << 20)
    #expect(try await server.verdict(large)["allowed"] as? Bool == false)
  }

  @Test func `a review delivered twice is one event`() async throws {
    let server = try await Server()
    let bytes = try review("022-create-daemonsets-node-exporter.json")
    for _ in 0..<3 { _ = try await server.verdict(bytes) }
    #expect(try await server.events().count == 1)
  }

  @Test func `the admin listener tells whether verdicts may be sent here`() async throws {
    let server = try await Server()
    func get(_ path: String) async throws -> String {
      try await Program.run(
        "/usr/bin/curl",
        ["-s", "-w", "%{http_code}", "http://127.0.0.1:\(server.adminPort)\(path)"]
      ).output
    }
    #expect(try await get("/livez") == "ok\n200")
    #expect(try await get("/readyz") == "ok\n200")
    #expect(try await get("/other").hasSuffix("404"))
  }

  @Test(arguments: [("-tls1_2", true), ("-tls1_3", true), ("-tls1_1", false), ("-tls1", false)])
  func `TLS 1.2 and 1.3 are spoken and nothing older`(version: String, works: Bool) async throws {
    let server = try await Server(["--ledger", "none"])
    let result = try await Program.run(
      "/usr/bin/openssl",
      [
        "s_client", "-connect", "127.0.0.1:\(server.port)", version, "-CAfile", server.certificateAuthority, "-alpn",
        "http/1.1",
        // The client must not be what refuses the old versions.
        "-cipher", "ALL:@SECLEVEL=0",
      ],
      input: []
    )
    let negotiated = result.output.contains("Verify return code: 0 (ok)") && !result.output.contains("Cipher is (NONE)")
    #expect(negotiated == works, "\(result.output) \(result.errors)")
    if works { #expect(result.output.contains("ALPN protocol: http/1.1")) }
  }

  /// Waits until `/readyz` no longer says that the server is ready; a refused connection says so, too.
  private func waitUntilNotReady(_ server: Server) async throws -> String {
    while true {
      let ready = try await Program.run("/usr/bin/curl", ["-s", "http://127.0.0.1:\(server.adminPort)/readyz"])
      if ready.output != "ok" { return ready.output }
    }
  }

  @Test func `SIGTERM lets a request in flight end and exits 0`() async throws {
    let server = try await Server()
    let bytes = try review("017-create-pods-sniffer.json")
    let conversation = try TLSConversation(server)
    conversation.send(
      Array(
        """
        POST /validate/deny HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Expect: 100-continue\r\nContent-Length: \(bytes.count)\r\n\r\n
        """.utf8
      )
    )
    // The server has the request now, and waits for its body.
    #expect(conversation.wait(for: "100 Continue"))
    async let status = server.terminated()
    _ = try await waitUntilNotReady(server)
    conversation.send(bytes)
    #expect(conversation.wait(for: "200 OK"))
    #expect(await status == 0)
    #expect(try await server.events().count == 1)
  }

  @Test func `with a shutdown delay reviews are answered while readiness already says no`() async throws {
    // A delay that no test waits for: the server is killed at the end.
    let server = try await Server(["--shutdown-delay", "60", "--ledger", "none"])
    server.beginTermination()
    #expect(try await waitUntilNotReady(server).contains("shutting down"))
    #expect(try await server.verdict(try review("018-create-pods-web.json"))["allowed"] as? Bool == true)
  }

  @Test func `a shutdown delay ends by itself, with 0`() async throws {
    let server = try await Server(["--shutdown-delay", "1", "--ledger", "none"])
    #expect(await server.terminated() == 0)
  }

  @Test(arguments: [
    (["--tls-cert", "/nonexistent.crt"], "/nonexistent.crt"), (["--listen", "nonsense"], "nonsense"),
    (["--ledger", "mysql://x"], "sqlite:"), (["--ledger", "sqlite:/nonexistent/dir/l.sqlite"], "/nonexistent/dir"),
    (["--mode", "strict"], "strict"),
  ])
  func `a server that cannot start says why and exits 2`(arguments: [String], words: String) async throws {
    let folder = try TemporaryFolder()
    _ = try await Program.hostfence(["certs", "create", "--out", folder.url.path, "--dns", "localhost"])
    let result = try await Program.hostfence(
      [
        "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--tls-cert", folder.path("tls.crt"),
        "--tls-key", folder.path("tls.key"), "--ledger", "none",
      ] + arguments
    )
    #expect(result.status == 2)
    #expect((result.errors + result.output).contains(words), "\(result.errors)")
  }
}
