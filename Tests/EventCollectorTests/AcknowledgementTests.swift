// Indexer acknowledgement: what is acknowledged is delivered, and what never will be is not sent for ever.

import Foundation
import TestSupport
import Testing

@testable import EventCollector

@Suite(.serialized) struct AcknowledgementTests {
  @Test(.timeLimit(.minutes(2)))
  func `with acknowledgements what was not indexed when a collector died is sent again`() async throws {
    let collector = try TestCollector(["--ack", "--ack-delay", "200"])
    let delivery = Delivery()
    try delivery.record(try events(300))
    delivery.start([try collector.endpoint], try collector.context, wantsAcks: true)
    try await wait { try !collector.requests().isEmpty }
    // It has answered, and indexed nothing yet.
    collector.kill()
    #expect(delivery.state.delivered == 0)
    try collector.start(["--ack"])
    try await delivery.waitUntilDelivered()
    #expect(Set(try collector.ids()).count == 300)
    #expect(try collector.violations().isEmpty)
  }

  @Test(
    .timeLimit(.minutes(2)),
    arguments: [
      ([], []), (["--ack"], [#"{"on":"ack","code":14,"repeat":9}"#]),
    ]
  )
  func `what is taken without an acknowledgement to come is delivered, and told of once`(
    arguments: [String],
    script: [String]
  ) async throws {
    let collector = try TestCollector(arguments, script: script)
    let delivery = Delivery()
    try delivery.record(try events(1_200))
    delivery.start([try collector.endpoint], try collector.context, wantsAcks: true)
    try await delivery.waitUntilDelivered()
    delivery.stop()
    #expect(try collector.requests().filter { "\($0["path"] ?? "")".hasSuffix("event") }.count == 2)
    let told = delivery.told.filter { if case .unacknowledged = $0 { true } else { false } }
    #expect(told.count == 1)
    #expect("\(told)".contains("leave out --hec-ack"))
    try await wait { try collector.ids().count >= 1_200 }
    #expect(try collector.ids() == (0..<1_200).map { "event-\($0)" })
  }

  @Test(.timeLimit(.minutes(2)))
  func `trouble on the way to acknowledgements passes, and nothing is sent twice`() async throws {
    let collector = try TestCollector(
      ["--ack"],
      script: [
        #"{"on":"ack","status":503,"repeat":2}"#, #"{"on":"ack","code":9}"#,
        #"{"on":"ack","accept":true,"headers":{"Connection":"close"}}"#,
      ]
    )
    let delivery = Delivery()
    try delivery.record(try events(5))
    delivery.start([try collector.endpoint], try collector.context, wantsAcks: true)
    try await delivery.waitUntilDelivered()
    #expect(try collector.ids() == (0..<5).map { "event-\($0)" })
  }

  @Test(.timeLimit(.minutes(2)))
  func `what one collector never acknowledges goes to the next`() async throws {
    let (silent, good) = (try TestCollector(["--ack", "--ack-delay", "200"]), try TestCollector(["--ack"]))
    let delivery = Delivery()
    try delivery.record(try events(5))
    let context = try TestCollector.context(trusting: [silent, good])
    delivery.start([try silent.endpoint, try good.endpoint], context, wantsAcks: true)
    try await delivery.waitUntilDelivered()
    #expect(try good.ids() == (0..<5).map { "event-\($0)" })
    #expect("\(delivery.told)".contains("it did not acknowledge within 6 s"))
  }
}
