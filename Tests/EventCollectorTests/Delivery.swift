// A ledger and its exporter, for tests of delivery.

import Evaluation
import Foundation
import RiskLedger
import TLS
import TestSupport
import Testing
import Threads

@testable import EventCollector

/// A ledger in a file, and what delivers from it.
final class Delivery {
  let path: String
  private let notices = Monitor<[CollectorNotice]>([])
  private var exporter: CollectorExporter?

  init(sharing other: Delivery? = nil) {
    path =
      other?.path
      ?? FileManager.default.temporaryDirectory.appending(path: "hostfence-outbox-\(UUID().uuidString)").path
  }

  deinit {
    exporter?.close()
    for file in LedgerURL.sqlite(path: path).files { try? FileManager.default.removeItem(atPath: file) }
  }

  func record(_ events: [RiskEvent]) throws {
    _ = try LedgerURL.sqlite(path: path).open(.readWrite).append(events)
  }

  func start(
    _ endpoints: [CollectorEndpoint],
    _ context: TLSContext?,
    shape: CollectorShape = .event,
    wantsAcks: Bool = false,
    proxy: CollectorProxy? = nil,
    token: @escaping @Sendable () -> String? = { TestCollector.token }
  ) {
    let url = LedgerURL.sqlite(path: path)
    exporter = CollectorExporter(
      CollectorSettings(
        name: "hec",
        destination: CollectorDestination(
          endpoints: endpoints,
          proxy: proxy,
          context: context,
          channel: UUID().uuidString,
          ackSeconds: wantsAcks ? 6 : nil,
          token: token
        ),
        metadata: CollectorMetadata(shape: shape, host: "cluster-1", productVersion: "1")
      ),
      holder: UUID().uuidString,
      now: { .now },
      open: { () throws(LedgerError) in
        guard let outbox = try url.openOutbox() else { throw .closed }
        return outbox
      },
      notify: { [notices] notice in notices.update { $0.append(notice) } }
    )
  }

  var state: CollectorState { exporter?.state ?? CollectorState() }
  var told: [CollectorNotice] { notices.withLock { $0 } }

  /// Waits until all is delivered.
  func waitUntilDelivered(seconds: Int = 60) async throws {
    for _ in 0..<(seconds * 20) {
      if state.isHolder, state.lag == 0 { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("not delivered: \(state) \(told.suffix(5))")
  }

  func stop() {
    exporter?.close()
    exporter = nil
  }
}

extension Timestamp {
  static var now: Timestamp { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}

/// Waits until something holds, half a minute at most.
func wait(until holds: () throws -> Bool) async throws {
  for _ in 0..<600 {
    if try holds() { return }
    try await Task.sleep(for: .milliseconds(50))
  }
}

func events(_ count: Int, from start: Int = 0) throws -> [RiskEvent] {
  try (start..<start + count).map { number in
    try .sample("event-\(number)", at: Int64(number), by: "user \"\(number % 7)\" \\é", uid: "u\(number)")
  }
}
