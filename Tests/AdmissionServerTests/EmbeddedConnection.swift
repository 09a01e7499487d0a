// A connection without a socket, whose time the test owns.

import Evaluation
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import RiskLedger
import TLS

@testable import AdmissionServer

/// A connection of which the test owns the time and the bytes; it ends with its last reference.
final class EmbeddedConnection {
  let channel = EmbeddedChannel()

  init(_ addHandlers: (EmbeddedChannel) throws -> Void) throws {
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    try addHandlers(channel)
  }

  deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

  var embeddedEventLoop: EmbeddedEventLoop { channel.embeddedEventLoop }
  var isActive: Bool { channel.isActive }

  func writeInbound(_ buffer: ByteBuffer) throws { try channel.writeInbound(buffer) }

  func close() throws { try channel.close().wait() }

  /// What was answered since the last call.
  func sentText() throws -> String {
    var text = ""
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
    return text
  }
}

/// A connection whose reviews are all allowed, so that no answer waits for the ledger's thread.
func embeddedConnection(
  audit: AuditQueue? = nil,
  metrics: Metrics = Metrics(),
  load: ReviewLoad = ReviewLoad()
) throws -> EmbeddedConnection {
  try EmbeddedConnection { channel in try addHandlers(to: channel, audit, metrics, load) }
}

/// A connection to the admin listener.
func embeddedAdminConnection() throws -> EmbeddedConnection {
  let metrics = Metrics()
  let recorder = RiskRecorder(writer: try LedgerWriter(.none) { _ in }, onFailure: .admit, emergencyOutput: { _ in })
  let certificates = CertificateWatch(
    ReloadingTLSContext(try .client(caPEMFile: nil)),
    metrics: metrics,
    logger: Logger(label: "test")
  )
  let policy = PolicyWatch(
    PolicyInForce(Policy()),
    source: nil,
    metrics: metrics,
    now: { Timestamp(microseconds: 0) },
    logger: Logger(label: "test")
  )
  let health = ServerHealth(
    recorder: recorder,
    certificates: certificates,
    policy: policy,
    now: { Timestamp(microseconds: 0) }
  )
  return try EmbeddedConnection { channel in try ConnectionPipeline.addAdmin(to: channel, health, metrics, nil) }
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
  let processor = ReviewProcessor(policy: PolicyInForce(Policy(mode: .deny)), now: { Timestamp(microseconds: 0) })
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  let services = WebhookServices(recorder: recorder, audit: audit, metrics: metrics, load: load, logger: logger)
  try ConnectionPipeline.addWebhook(to: channel, tls: nil, services, processor)
}
