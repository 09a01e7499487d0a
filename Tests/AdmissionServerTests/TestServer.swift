// A server over loopback and TLS, in this process, so that tests can hold its judge and its ledger.

import Evaluation
import Foundation
import Logging
import NIOCore
import NIOPosix
import RiskLedger
import ServiceLifecycle
import TLS
import Threads

@testable import AdmissionServer

/// A running server with a judge and a ledger of the test's own.
final class TestServer: Sendable {
  /// One connection's worth of trust: made once per run.
  private static let certificates = Result { try Certificates() }

  private struct Certificates {
    let server: TLSContext
    let client: TLSContext

    init() throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "hostfence-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try CertificateAuthority.create(dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"], days: 1)
        .write(toDirectory: folder, overwriting: false)
      server = try .server(
        certificateChainPEMFile: "\(folder)/tls.crt",
        privateKeyPEMFile: "\(folder)/tls.key",
        clientCAPEMFile: nil
      )
      client = try .client(caPEMFile: "\(folder)/ca.crt")
    }
  }

  let writer: LedgerWriter
  let audit: AuditQueue?
  let metrics = Metrics()
  private let services: ServiceGroup
  private let running: Task<Void, any Error>
  private let ports: (webhook: Int, admin: Int)
  private let emergency: Monitor<String>

  /// Starts a server; without a judge it has no audit webhook.
  init(
    limitBytes: Int = ServerLimits.auditQueueBytesMax,
    ledger: StubLedger = StubLedger(),
    judge: (@Sendable () -> any AuditBatchJudge)?
  ) async throws {
    let emergency = Monitor("")
    self.emergency = emergency
    writer = try LedgerWriter(observer: { _ in }) { () throws(LedgerError) in ledger }
    let recorder = RiskRecorder(
      writer: writer,
      onFailure: .admit,
      emergencyOutput: { bytes in emergency.update { $0 += String(decoding: bytes, as: UTF8.self) } }
    )
    let queue: AuditQueue? = judge.map { [metrics] judge in
      AuditQueue(
        limitBytes: limitBytes,
        recorder: recorder,
        metrics: metrics,
        unjudgedReasons: ["metadataLevel", "truncated"],
        judge: judge
      )
    }
    audit = queue
    let log = Monitor<[String: String]?>(nil)
    let logger = Logger(label: "test") { _ in
      TestLog { message, fields in if message == "serving" { log.update { $0 = fields } } }
    }
    let server = AdmissionServer(
      listen: ListenAddress(host: "127.0.0.1", port: 0),
      adminListen: ListenAddress(host: "127.0.0.1", port: 0),
      tls: ReloadingTLSContext(try Self.certificates.get().server),
      policy: PolicyInForce(Policy(mode: .warn)),
      recorder: recorder,
      audit: audit,
      metrics: metrics,
      shutdownDelaySeconds: 0,
      now: { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) },
      logger: logger
    )
    let services = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
        logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
      )
    )
    self.services = services
    running = Task { try await services.run() }
    let addresses: [String: String] = await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: log.wait { $0 } ?? [:]) }
    }
    func port(_ name: String) -> Int { addresses[name]?.split(separator: ":").last.flatMap { Int($0) } ?? 0 }
    ports = (webhook: port("webhook"), admin: port("admin"))
  }

  /// What went to the emergency output.
  var emergencyText: String { emergency.withLock { $0 } }

  /// A new connection to the webhook.
  func connect() async throws -> TestClient {
    try await TestClient(port: ports.webhook, tls: try Self.certificates.get().client)
  }

  /// A new connection to the admin listener.
  func connectToAdmin() async throws -> TestClient { try await TestClient(port: ports.admin, tls: nil) }

  /// Begins the shutdown.
  func shutDown() async { await services.triggerGracefulShutdown() }

  /// Shuts down as the executable does, and waits until all is written.
  func stop() async throws {
    await shutDown()
    try await running.value
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in
        audit?.close()
        writer.close()
        continuation.resume()
      }
    }
  }
}
