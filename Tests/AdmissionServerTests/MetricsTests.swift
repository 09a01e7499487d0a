// The text that Prometheus reads.

import Evaluation
import NIOHTTP1
import TestSupport
import Testing

@testable import AdmissionServer

@Suite(.timeLimit(.minutes(1))) struct MetricsTests {
  @Test func `the text has help, type and samples of every family in the order of registration`() {
    let metrics = Metrics()
    let plain = metrics.counter("a_total", help: "A.")
    let labelled = metrics.counter("b_total", help: "B.", label: "code", values: ["200", "503"])
    metrics.gauge("c_bytes", help: "C.", read: { 7 })
    plain.add()
    plain.add(4)
    plain.add(-1)
    labelled.add(for: "503")
    #expect(
      metrics.text == """
        # HELP a_total A.
        # TYPE a_total counter
        a_total 5
        # HELP b_total B.
        # TYPE b_total counter
        b_total{code="200"} 0
        b_total{code="503"} 1
        # HELP c_bytes C.
        # TYPE c_bytes gauge
        c_bytes 7

        """
    )
  }

  @Test func `nothing registered is an empty text`() { #expect(Metrics().text == "") }

  @Test func `a value that nobody registered is counted, and adds one series at most`() {
    let metrics = Metrics()
    let counter = metrics.counter("a_total", help: "A.", label: "reason", values: ["known"])
    for index in 0..<1_000 { counter.add(for: "value \(index)") }
    #expect(metrics.text.hasSuffix("a_total{reason=\"known\"} 0\na_total{reason=\"other\"} 1000\n"))
  }

  @Test func `help and label values are escaped`() {
    let metrics = Metrics()
    _ = metrics.counter("a_total", help: "a\\b\n\"c\"\r\n", label: "l", values: ["x\\y\n\"z\"\r\n"])
    #expect(
      metrics.text
        == "# HELP a_total a\\\\b\\n\"c\"\r\\n\n# TYPE a_total counter\na_total{l=\"x\\\\y\\n\\\"z\\\"\r\\n\"} 0\n"
    )
  }

  @Test func `counts from many threads all arrive`() async {
    let metrics = Metrics()
    let counter = metrics.counter("a_total", help: "A.", label: "l", values: ["x"])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { for _ in 0..<1_000 { counter.add(for: "x") } } }
    }
    #expect(metrics.text.hasSuffix("a_total{l=\"x\"} 8000\n"))
  }

  @Test func `the admin listener shows what happened to audit batches`() async throws {
    let gate = Gate()
    let body = AuditBody.list("1", "2")
    let metadataOnly = #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"3"}"#
    let server = try await TestServer(limitBytes: body.utf8.count) { RememberingJudge(gate: gate) }
    let client = try await server.connect()
    let admin = try await server.connectToAdmin()
    try await client.begin("/audit", length: body.utf8.count)
    try await client.part(body)
    try await client.end()
    await gate.arrival()
    let other = try await server.connect()
    #expect(try await other.send(metadataOnly, to: "/audit").code == 503)
    let busy = try await admin.send("", to: "/metrics", method: .GET).body
    #expect(busy.contains("\nhostfence_audit_queue_bytes \(body.utf8.count)\n"))
    #expect(busy.contains("\nhostfence_audit_queue_batches 1\n"))
    gate.open()
    #expect(try await client.answer().code == 200)
    for body in [body, metadataOnly] { #expect(try await client.send(body, to: "/audit").code == 200) }
    #expect(try await client.send("{}", to: "/audit").code == 400)
    #expect(try await client.send("", to: "/audit", method: .PUT).code == 405)
    // Reviews, and paths that are none, are not counted here.
    #expect(try await client.send("{}", to: "/validate").code == 400)
    #expect(try await client.send("{}", to: "/other").code == 404)
    let answer = try await admin.send("", to: "/metrics?x", method: .GET)
    #expect(answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    #expect(
      answer.body.hasPrefix(
        """
        # HELP hostfence_audit_batches_total Requests to the audit webhook, by HTTP status code.
        # TYPE hostfence_audit_batches_total counter
        hostfence_audit_batches_total{code="200"} 3
        hostfence_audit_batches_total{code="400"} 1
        hostfence_audit_batches_total{code="405"} 1
        hostfence_audit_batches_total{code="408"} 0
        hostfence_audit_batches_total{code="413"} 0
        hostfence_audit_batches_total{code="415"} 0
        hostfence_audit_batches_total{code="503"} 1
        # HELP hostfence_audit_events_total Audit events in batches that were read, repeated deliveries included.
        # TYPE hostfence_audit_events_total counter
        hostfence_audit_events_total 5
        # HELP hostfence_audit_duplicates_total Audit events that had been delivered before and were not judged again.
        # TYPE hostfence_audit_duplicates_total counter
        hostfence_audit_duplicates_total 2
        # HELP hostfence_audit_findings_total Requests in audit events that put a pod on the node's network or asked for it, by verdict.
        # TYPE hostfence_audit_findings_total counter
        hostfence_audit_findings_total{verdict="allow"} 0
        hostfence_audit_findings_total{verdict="warn"} 2
        hostfence_audit_findings_total{verdict="deny"} 0
        # HELP hostfence_audit_unjudged_writes_total Writes of pods and workloads whose audit event could not be judged, by reason.
        # TYPE hostfence_audit_unjudged_writes_total counter
        hostfence_audit_unjudged_writes_total{reason="metadataLevel"} 1
        hostfence_audit_unjudged_writes_total{reason="truncated"} 0
        # HELP hostfence_audit_queue_bytes Size of the batches that are coming in, waiting or being judged, in bytes.
        # TYPE hostfence_audit_queue_bytes gauge
        hostfence_audit_queue_bytes 0
        # HELP hostfence_audit_queue_limit_bytes Size of all batches above which further ones are answered with 503, in bytes.
        # TYPE hostfence_audit_queue_limit_bytes gauge
        hostfence_audit_queue_limit_bytes \(body.utf8.count)
        # HELP hostfence_audit_queue_batches Batches that are waiting or being judged.
        # TYPE hostfence_audit_queue_batches gauge
        hostfence_audit_queue_batches 0

        """
      )
    )
    for line in answer.body.split(separator: "\n") where !line.hasPrefix("#") {
      #expect(line.wholeMatch(of: /[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+/) != nil, "\(line)")
    }
    try await server.stop()
  }

  @Test func `verdicts, answers, sizes and times of reviews are counted`() async throws {
    let server = try await TestServer(judge: nil)
    let client = try await server.connect()
    var attached = TestReview(#"{"spec":{"hostNetwork":true,"containers":[{"name":"c"}]}}"#)
    let plain = TestReview(#"{"spec":{"containers":[{"name":"c"}]}}"#)
    for number in 0..<3 {
      attached.uid = "u-\(number)"
      #expect(try await client.send(attached.json, to: "/validate/deny").code == 200)
    }
    #expect(try await client.send(plain.json, to: "/validate").code == 200)
    #expect(try await client.send("{", to: "/validate").code == 400)
    let text = try await server.connectToAdmin().send("", to: "/metrics", method: .GET).body
    func sample(_ name: String, _ labels: [String]) -> String? {
      text.split(separator: "\n").first { line in line.hasPrefix(name) && labels.allSatisfy(line.contains) }
        .flatMap { $0.split(separator: " ").last.map(String.init) }
    }
    #expect(sample("hostfence_verdicts_total{", [#"decision="deny""#, #"mode="deny""#, #"operation="CREATE""#]) == "3")
    #expect(sample("hostfence_verdicts_total{", [#"decision="allow""#, #"mode="warn""#]) == "1")
    #expect(sample("hostfence_responses_total", [#"code="200""#]) == "4")
    #expect(sample("hostfence_responses_total", [#"code="400""#]) == "1")
    #expect(sample("hostfence_review_duration_seconds_count", []) == "4")
    #expect(sample("hostfence_review_duration_seconds_bucket", ["+Inf"]) == "4")
    #expect(sample("hostfence_review_body_bytes_count", []) == "4")
    #expect(sample("hostfence_connections ", []) == "1")
    #expect(sample("hostfence_connections_total", []) == "1")
    #expect(sample("hostfence_reviews_in_flight", []) == "0")
    #expect(sample("hostfence_review_bytes", []) == "0")
    #expect(sample("hostfence_ledger_writable", []) == "1")
    #expect(sample("hostfence_risk_events_lost_total", []) == "0")
    #expect(sample("hostfence_certificate_expiry_timestamp_seconds", []).flatMap(Int.init) ?? 0 > 1_700_000_000)
    try await server.stop()
  }

  @Test func `names that clients choose add a bounded number of series`() {
    let counter = VerdictCounter()
    for number in 0..<VerdictCounter.seriesMax * 2 {
      counter.add(.init(mode: .warn, verdict: .warn, operation: .create, resource: "pods", namespace: "n\(number)"))
    }
    let lines = counter.samples("a_total").split(separator: "\n")
    #expect(lines.count == VerdictCounter.seriesMax + 1)
    #expect(lines.contains { $0.contains(#"namespace="other""#) && $0.hasSuffix(" \(VerdictCounter.seriesMax)") })
  }

  @Test func `a histogram counts into every range above an observation`() {
    let metrics = Metrics()
    let histogram = metrics.histogram("a_seconds", help: "A.", bounds: [0.5, 1, 2.5])
    for value in [0.25, 0.5, 2, 100] { histogram.observe(value) }
    metrics.info("b_info", help: "B.", labels: [("version", "1\"")])
    #expect(
      metrics.text == """
        # HELP a_seconds A.
        # TYPE a_seconds histogram
        a_seconds_bucket{le="0.5"} 2
        a_seconds_bucket{le="1.0"} 2
        a_seconds_bucket{le="2.5"} 3
        a_seconds_bucket{le="+Inf"} 4
        a_seconds_sum 102.75
        a_seconds_count 4
        # HELP b_info B.
        # TYPE b_info gauge
        b_info{version="1\\""} 1

        """
    )
  }

  @Test func `the admin listener still tells about health, and knows no other path`() async throws {
    let server = try await TestServer(judge: nil)
    let admin = try await server.connectToAdmin()
    // The certificates of tests are valid for a day.
    #expect(
      try await admin.send("", to: "/readyz", method: .GET).body == "ok\nwarning: the certificate expires in 0 days\n"
    )
    #expect(try await admin.send("", to: "/nothing", method: .GET).code == 404)
    let refused = try await admin.send("", to: "/metrics", method: .POST)
    #expect(refused.code == 405)
    #expect(refused.headers["Allow"] == "GET, HEAD")
    try await server.stop()
  }
}
