// Forwards logs to a collector as they are, and knows how far it is.

package import Compression
internal import Digest
package import RiskLedger

/// Why a log is not forwarded to its end.
package enum LogForwarderError: Error {
  /// Only a change of the settings can help; the reason was told as a notice.
  case stopped
  /// The log has fewer bytes than were forwarded of it.
  case shortened
  case unreadable(InputError)
  case ledger(LedgerError)
}

/// Forwards the lines of logs, at least once: what was in flight when it was broken off is sent again.
///
/// A log is known by its name and its first bytes, so that the one that is rotated in is another.
package final class LogForwarder {
  private let clients: CollectorClients
  private let outbox: any RiskEventOutbox
  private let wait: (_ milliseconds: Int) -> Void
  private let makeSender: (LogMetadata) -> CollectorSender
  private var backoff = CollectorBackoff()

  /// Creates a forwarder, for one thread.
  ///
  /// - Parameters:
  ///   - outbox: remembers how far each log is.
  ///   - notify: gets what happens.
  package init(
    _ destination: CollectorDestination,
    outbox: any RiskEventOutbox,
    wait: @escaping (_ milliseconds: Int) -> Void,
    notify: @escaping (CollectorNotice) -> Void
  ) {
    self.outbox = outbox
    self.wait = wait
    let waitAndGoOn = { (milliseconds: Int) in
      wait(milliseconds)
      return true
    }
    let clients = CollectorClients(destination)
    self.clients = clients
    makeSender = { metadata in
      CollectorSender(clients.all, destination, .lines(metadata), wait: waitAndGoOn, note: notify)
    }
  }

  deinit { clients.end() }

  /// Forwards what was not forwarded yet of a log.
  ///
  /// - Parameters:
  ///   - name: of the log, the same at every run.
  ///   - metadata: what Splunk is told of the log.
  ///   - progress: is told how many bytes of the log, as it is stored, are done.
  package func forward(
    _ reader: DecompressingReader,
    name: String,
    metadata: LogMetadata,
    progress: (_ bytesDone: Int) -> Void
  ) throws(LogForwarderError) {
    var sender = makeSender(metadata)
    var text = LogText(reader: reader)
    try text.fill(to: CollectorLimits.identityBytes)
    let beginning = Array("\(name)\u{0}".utf8) + text.bytes.prefix(CollectorLimits.identityBytes)
    let identity = SHA256Digest.hexadecimal(of: beginning.span)
    var position: Int64 = 0
    do throws(LedgerError) { position = try outbox.forwardedBytes(of: identity) } catch { throw .ledger(error) }
    guard try text.skip(to: position) else { throw .shortened }
    while let part = try text.next(name: name, at: position) {
      try deliver(part.lines, by: &sender)
      position += Int64(part.bytes)
      do throws(LedgerError) { try outbox.setForwardedBytes(position, of: identity) } catch { throw .ledger(error) }
      progress(reader.compressedBytesRead)
    }
  }

  private func deliver(_ batch: CollectorBatch, by sender: inout CollectorSender) throws(LogForwarderError) {
    while true {
      do throws(CollectorPause) {
        try sender.deliver(batch) { true }
        return backoff.succeed()
      } catch {
        switch error {
        case .retry(let seconds): wait(backoff.next(afterSeconds: seconds))
        case .stop: throw .stopped
        }
      }
    }
  }
}
