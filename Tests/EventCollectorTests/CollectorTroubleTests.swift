// What networks, gateways and configurations do to delivery.

import Evaluation
import Foundation
import RiskLedger
import TestSupport
import Testing

@testable import EventCollector

@Suite(.serialized) struct CollectorTroubleTests {
  @Test(.timeLimit(.minutes(2)), arguments: [true, false])
  func `a collector that closes after each answer gets everything once`(isPlain: Bool) async throws {
    let collector = try TestCollector(
      isPlain ? ["--plain"] : [],
      script: [#"{"accept":true,"headers":{"Connection":"close"},"repeat":50}"#]
    )
    let delivery = Delivery()
    try delivery.record(try events(2_500))
    delivery.start([try collector.endpoint], isPlain ? nil : try collector.context)
    try await delivery.waitUntilDelivered()
    #expect(try collector.ids() == (0..<2_500).map { "event-\($0)" })
    #expect(delivery.state.failures == 0, "\(delivery.told)")
  }

  @Test(.timeLimit(.minutes(1)))
  func `an answer that closes the connection is read as any other`() async throws {
    let collector = try TestCollector(script: [#"{"code":4,"headers":{"Connection":"close"}}"#])
    let delivery = Delivery()
    try delivery.record(try events(1))
    delivery.start([try collector.endpoint], try collector.context)
    try await wait { !delivery.told.isEmpty }
    #expect("\(delivery.told)".contains("Invalid token (code 4)"))
  }

  @Test(
    .timeLimit(.minutes(2)),
    arguments: [
      #"{"code":4,"repeat":99}"#, #"{"code":26,"headers":{"Retry-After":"300"},"repeat":99}"#,
      #"{"status":404,"repeat":99}"#,
    ]
  )
  func `what one collector does not take goes to the next at once`(script: String) async throws {
    let (bad, good) = (try TestCollector(script: [script]), try TestCollector())
    let delivery = Delivery()
    try delivery.record(try events(2_500))
    delivery.start([try bad.endpoint, try good.endpoint], try TestCollector.context(trusting: [bad, good]))
    try await delivery.waitUntilDelivered()
    #expect(try good.ids() == (0..<2_500).map { "event-\($0)" })
    // It stays with the one that works.
    #expect(try bad.requests().count == 1)
    #expect(!delivery.state.isStopped)
  }

  @Test(.timeLimit(.minutes(2)), arguments: [[4, 4], [4, 9], [9, 9]])
  func `only when no collector can ever take anything it is stopped`(codes: [Int]) async throws {
    let collectors = try codes.map { try TestCollector(script: [#"{"code":\#($0)}"#]) }
    let delivery = Delivery()
    try delivery.record(try events(1))
    delivery.start(try collectors.map { try $0.endpoint }, try TestCollector.context(trusting: collectors))
    try await wait { delivery.told.count >= 2 }
    #expect(delivery.told.contains { if case .stopped = $0 { true } else { false } } == (codes == [4, 4]))
    try await delivery.waitUntilDelivered()
    #expect(try collectors.flatMap { try $0.ids() } == ["event-0"])
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      #""Retry-After":"3""#, #""Retry-After":"Sun, 06 Nov 1994 08:49:40 GMT","Date":"Sun, 06 Nov 1994 08:49:37 GMT""#,
    ]
  )
  func `a collector is left alone for as long as it asks`(headers: String) async throws {
    let collector = try TestCollector(script: [#"{"code":26,"headers":{\#(headers)}}"#])
    let delivery = Delivery()
    try delivery.record(try events(1))
    delivery.start([try collector.endpoint], try collector.context)
    try await delivery.waitUntilDelivered()
    let times = try collector.requests().compactMap { $0["seconds"] as? Double }
    try #require(times.count == 2)
    #expect(times[1] - times[0] >= 2.9)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a server that can deliver takes over from one that cannot`() async throws {
    let collector = try TestCollector()
    let blind = Delivery()
    try blind.record(try events(3))
    blind.start([try collector.endpoint], try collector.context, token: { nil })
    try await wait { blind.state.isStopped }
    let other = Delivery(sharing: blind)
    other.start([try collector.endpoint], try collector.context)
    try await other.waitUntilDelivered()
    #expect(try collector.ids() == (0..<3).map { "event-\($0)" })
    // The one that waits sees it as well.
    try await wait { blind.state.lag == 0 && !blind.state.isHolder }
    #expect(blind.state.lag == 0)
  }

  @Test(.timeLimit(.minutes(1)))
  func `who may not be charged is not charged in Splunk while another API server's log may name the right one`()
    async throws
  {
    let collector = try TestCollector()
    let delivery = Delivery()
    let controller = "system:serviceaccount:kube-system:replicaset-controller"
    var pod = try RiskEvent.sample("pod", by: controller, uid: "p")
    pod.time = .now
    pod.owner = OwnerReference(kind: "ReplicaSet", name: "web-1", uid: "r")
    var next = try RiskEvent.sample("next", by: "bob", uid: "n")
    next.time = .now
    // Long ago: nobody will say any more.
    var orphan = try RiskEvent.sample("orphan", by: controller, uid: "o")
    orphan.owner = OwnerReference(kind: "ReplicaSet", name: "old", uid: "q")
    // By a clock that is wrong.
    var early = try RiskEvent.sample("early", by: controller, uid: "e")
    early.time = .now.adding(seconds: 86_400)
    early.owner = OwnerReference(kind: "ReplicaSet", name: "soon", uid: "s")
    try delivery.record([orphan, early, pod, next])
    delivery.start([try collector.endpoint], try collector.context, shape: .risk)
    try await wait { try collector.ids().count == 2 && delivery.state.lag == 2 }
    #expect(delivery.state.lag == 2)
    var root = try RiskEvent.sample("root", by: "alice", uid: "r")
    root.time = pod.time.adding(seconds: -1)
    try delivery.record([root])
    try await delivery.waitUntilDelivered()
    #expect(try collector.ids() == ["orphan", "early", "next", "root"])
  }

  @Test(
    arguments: [
      ("3", nil, 3), ("-9223372036854775808", nil, 0), ("x", nil, nil), (nil, nil, nil),
      ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", 30),
      ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 09:49:37 GMT", 0),
      ("Sun, 06 Nov 1994 08:49:37 GMT", nil, nil),
      ("Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", nil),
    ] as [(String?, String?, Int?)]
  )
  func `Retry-After is read in both of its forms`(text: String?, date: String?, seconds: Int?) {
    #expect(RetryAfter.seconds(text, date: date) == seconds)
  }

  @Test(arguments: [
    (#"x" | outputlookup a.csv | search ""#, "x*outputlookup*a.csv*search*"),
    ("$user$`m`[search a]\\", "*user*m*search*a*"),
    ("0f1e@1795452183042#/spec/template/spec/hostNetwork", "0f1e@1795452183042#/spec/template/spec/hostNetwork"),
  ])
  func `what a client puts into an id is no part of the search that an analyst runs`(id: String, text: String) throws {
    let line = StashLine(try .sample(id)).text
    #expect(line.contains(#"contributing_events_search="search index=* hostfence_id=\"\#(text)\"""#), "\(line)")
  }
}
