// A connection without a socket, whose time the test owns.

import Evaluation
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import RiskLedger

@testable import AdmissionServer

/// A connection whose reviews are all allowed, so that no answer waits for the ledger's thread.
func embeddedConnection(
  audit: AuditQueue? = nil,
  metrics: Metrics = Metrics(),
  load: ReviewLoad = ReviewLoad()
) throws -> EmbeddedChannel {
  let channel = EmbeddedChannel()
  try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  try addHandlers(to: channel, audit, metrics, load)
  return channel
}

/// A connection to which other threads may answer.
func testingConnection(audit: AuditQueue) async throws -> NIOAsyncTestingChannel {
  let channel = NIOAsyncTestingChannel()
  try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
  try await channel.testingEventLoop.executeInContext { try addHandlers(to: channel, audit, Metrics(), ReviewLoad()) }
  return channel
}

private func addHandlers(
  to channel: any Channel,
  _ audit: AuditQueue?,
  _ metrics: Metrics,
  _ load: ReviewLoad
) throws {
  let writer = try LedgerWriter(.none) { _ in }
  let recorder = RiskRecorder(writer: writer, onFailure: .admit, emergencyOutput: { _ in })
  let processor = ReviewProcessor(policy: Policy(mode: .deny), now: { Timestamp(microseconds: 0) })
  let pipeline = channel.pipeline.syncOperations
  let clock = ConnectionClock(now: channel.eventLoop.now)
  try pipeline.addHandler(ConnectionGuard.Backpressure())
  try pipeline.addHandler(ConnectionGuard(clock: clock) { _ in })
  try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  let services = WebhookServices(recorder: recorder, audit: audit, metrics: metrics, load: load, logger: logger)
  try pipeline.addHandler(WebhookHandler(services, processor: processor, clock: clock))
}

extension EmbeddedChannel {
  /// What was answered since the last call.
  func sentText() throws -> String {
    var text = ""
    while let buffer = try readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
    return text
  }
}
