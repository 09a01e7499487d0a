// Delivery to a strict collector that plays every failure: nothing is lost, and duplicates carry the same id.

import Evaluation
import Foundation
import RiskLedger
import TLS
import TestSupport
import Testing

@testable import EventCollector

@Suite(.serialized) struct CollectorExporterTests {
  @Test(.timeLimit(.minutes(2)))
  func `an event that cannot be read is told, and those behind it are delivered`() async throws {
    let collector = try TestCollector()
    let delivery = Delivery()
    try delivery.record(try events(4))
    let connection = try SQLiteConnection(path: delivery.path, access: .readWrite)
    try connection.execute("UPDATE risk_event SET event = '{}' WHERE id IN ('event-1', 'event-3')")
    delivery.start([try collector.endpoint], try collector.context)
    try await delivery.waitUntilDelivered()
    #expect(try collector.ids() == ["event-0", "event-2"])
    let dropped = delivery.told.compactMap { notice in if case .dropped(let id, _) = notice { id } else { nil } }
    #expect(dropped == ["event-1", "event-3"])
    #expect(delivery.state.dropped == 2)
  }

  @Test(.timeLimit(.minutes(2)), arguments: CollectorShape.allCases)
  func `events are delivered once and in their order, and what is recorded later as well`(
    shape: CollectorShape
  ) async throws {
    let collector = try TestCollector()
    let delivery = Delivery()
    try delivery.record(try events(2_500))
    delivery.start([try collector.endpoint], try collector.context, shape: shape)
    try await delivery.waitUntilDelivered()
    try delivery.record(try events(1, from: 2_500))
    try await wait { try collector.received().count >= 2_501 }
    #expect(try collector.ids() == (0...2_500).map { "event-\($0)" })
    #expect(try collector.violations().isEmpty)
    let requests = try collector.requests()
    #expect(requests.allSatisfy { $0["content_encoding"] as? String == "gzip" })
    let large = requests.filter { ($0["events"] as? Int ?? 0) > 100 }
    #expect(!large.isEmpty)
    #expect(large.allSatisfy { ($0["wire_bytes"] as? Int ?? 0) * 3 < ($0["body_bytes"] as? Int ?? 0) })
    #expect(Set(requests.compactMap { $0["channel"] as? String }).count == 1)
    let first = try #require(try collector.received().first)
    #expect(first["host"] as? String == "cluster-1")
    #expect(first["index"] as? String == (shape == .risk ? "risk" : nil))
    #expect(
      first["sourcetype"] as? String
        == ["stash", "hostfence:risk", "ocsf:detection_finding"][
          try #require(CollectorShape.allCases.firstIndex(of: shape))
        ]
    )
    #expect(delivery.state.delivered == 2_501)
    #expect(delivery.told.allSatisfy { if case .delivered = $0 { true } else { false } }, "\(delivery.told)")
  }

  @Test(.timeLimit(.minutes(1)))
  func `an exporter ends although the collector does not answer, and what was in flight goes out again`() async throws {
    let collector = try TestCollector(script: [#"{"delay":25}"#])
    let delivery = Delivery()
    try delivery.record(try events(3))
    delivery.start([try collector.endpoint], try collector.context)
    try await wait { try !collector.requests().isEmpty }
    let start = ContinuousClock.now
    delivery.stop()
    #expect(ContinuousClock.now - start < .seconds(10), "a pod has 30 s to end")
    delivery.start([try collector.endpoint], try collector.context)
    try await delivery.waitUntilDelivered()
    #expect(Set(try collector.ids()) == ["event-0", "event-1", "event-2"])
  }

  @Test(.timeLimit(.minutes(1)))
  func `into the risk index goes what counts, and nothing else`() async throws {
    let collector = try TestCollector()
    let delivery = Delivery()
    try delivery.record([
      try .sample("counted"), try .sample("again", at: 1), try .sample("kept", at: 2, introduced: false, uid: "u2"),
      try .sample("other", at: 3, uid: "u3"),
    ])
    delivery.start([try collector.endpoint], try collector.context, shape: .risk)
    try await delivery.waitUntilDelivered()
    #expect(try collector.ids() == ["counted", "other"])
    let line = try #require(try collector.received().first?["event"] as? String)
    #expect(line.hasPrefix("1795435200.000, search_name=\"ESCU - Kubernetes Pod With Host Network Attachment - Rule\""))
    for pair in [
      #"risk_object="alice""#, #"risk_object_type="user""#, #"risk_score="49""#, #"threat_object="192.0.2.7""#,
      #"risk_message="Kubernetes pod with host network attachment from user alice.""#,
      #"annotations.mitre_attack="T1204", annotations.mitre_attack="T1611""#, #"analyticstories="Kubernetes Security""#,
    ] {
      #expect(line.contains(pair), "\(pair)")
    }
    #expect(try collector.violations().isEmpty)
  }

  @Test(
    .timeLimit(.minutes(2)),
    arguments: [
      #"{"code":8,"repeat":2}"#, #"{"code":9}"#, #"{"code":5}"#, #"{"code":18}"#, #"{"code":19}"#, #"{"code":20}"#,
      #"{"code":23}"#, #"{"code":26,"headers":{"Retry-After":"1"}}"#, #"{"code":27}"#,
      #"{"status":502,"body":"<html>"}"#,
      #"{"status":429}"#, #"{"drop":"before"}"#, #"{"truncate":true}"#, #"{"slow":1.0}"#, #"{"delay":0.5}"#,
      #"{"code":24}"#,
      #"{"code":25}"#, #"{"status":413}"#,
    ]
  )
  func `after trouble that passes everything is delivered once`(script: String) async throws {
    let collector = try TestCollector(script: [script])
    let delivery = Delivery()
    try delivery.record(try events(20))
    delivery.start([try collector.endpoint], try collector.context)
    try await delivery.waitUntilDelivered()
    let ids = try collector.ids()
    #expect(Set(ids) == Set((0..<20).map { "event-\($0)" }))
    // An answer that was cut off says nothing, so the events went out again.
    if !script.contains("truncate") { #expect(ids.count == 20) }
    #expect(try collector.violations().isEmpty)
  }

  @Test(.timeLimit(.minutes(2)), arguments: [6, 12, 13])
  func `an event that is refused is left out, and told of, and all others arrive once`(code: Int) async throws {
    let collector = try TestCollector(script: [#"{"code":\#(code),"invalid-event-number":7}"#])
    let delivery = Delivery()
    try delivery.record(try events(20))
    delivery.start([try collector.endpoint], try collector.context)
    try await delivery.waitUntilDelivered()
    #expect(try collector.ids() == (0..<20).filter { $0 != 7 }.map { "event-\($0)" })
    #expect(delivery.state.dropped == 1)
    #expect(delivery.told.contains { if case .dropped("event-7", _) = $0 { true } else { false } })
  }

  @Test(.timeLimit(.minutes(1)))
  func `an event whose fields are refused goes without them`() async throws {
    let collector = try TestCollector(script: [#"{"code":15,"invalid-event-number":3}"#])
    let delivery = Delivery()
    try delivery.record(try events(5))
    delivery.start([try collector.endpoint], try collector.context)
    try await delivery.waitUntilDelivered()
    #expect(try collector.ids() == (0..<5).map { "event-\($0)" })
    #expect(try collector.received().map { $0["fields"] is [String: Any] } == [true, true, true, false, true])
  }

  @Test(.timeLimit(.minutes(2)), arguments: [1, 2, 3, 4, 7, 10, 11, 14, 16, 17, 21, 22, 28])
  func `what only an operator can mend stops it, loses nothing, and is told`(code: Int) async throws {
    let collector = try TestCollector(script: [#"{"code":\#(code)}"#])
    let delivery = Delivery()
    try delivery.record(try events(3))
    delivery.start([try collector.endpoint], try collector.context)
    try await wait { delivery.state.isStopped }
    #expect(delivery.state.isStopped)
    #expect(delivery.state.lag == 3)
    #expect(
      delivery.told.contains { if case .stopped(_, let why) = $0 { why.contains("(code \(code))") } else { false } }
    )
    delivery.stop()
    // As after a restart with the right settings.
    delivery.start([try collector.endpoint], try collector.context)
    try await delivery.waitUntilDelivered()
    #expect(try collector.ids() == (0..<3).map { "event-\($0)" })
  }

  @Test(.timeLimit(.minutes(2)))
  func `a wrong token, a wrong certificate and a missing token deliver nothing and say why`() async throws {
    let collector = try TestCollector()
    let stranger = try TestCollector()
    for (context, token, reason) in [
      (try collector.context, "wrong", "Invalid token"), (try stranger.context, TestCollector.token, "certificate"),
      (try collector.context, nil, "the file of the token"),
    ] as [(TLSContext, String?, String)] {
      let delivery = Delivery()
      try delivery.record(try events(1))
      delivery.start([try collector.endpoint], context, token: { token })
      try await wait { !delivery.told.isEmpty }
      #expect("\(delivery.told)".contains(reason), "\(delivery.told)")
      #expect(delivery.state.lag == 1)
    }
    #expect(try collector.received().isEmpty)
  }

  @Test(.timeLimit(.minutes(2)))
  func `when one collector dies another takes over, and when the exporter dies the next goes on`() async throws {
    let collectors = [try TestCollector(), try TestCollector(script: [#"{"delay":0.3,"repeat":3}"#])]
    let delivery = Delivery()
    try delivery.record(try events(1_500))
    collectors[0].kill()
    let context = try TLSContext.client(caPEMFile: "\(collectors[1].folder)/ca.crt")
    delivery.start([try collectors[0].endpoint, try collectors[1].endpoint], context)
    try await wait { try !collectors[1].received().isEmpty }
    delivery.stop()
    try delivery.record(try events(500, from: 1_500))
    delivery.start([try collectors[1].endpoint], context)
    try await delivery.waitUntilDelivered()
    #expect(Set(try collectors[1].ids()) == Set((0..<2_000).map { "event-\($0)" }))
    #expect(try collectors[1].violations().isEmpty)
  }
}
