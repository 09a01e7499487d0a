// Brings one batch to a collector, whatever it answers.

internal import Compression
internal import JSONDocument
internal import TLS

/// What an exporter tells of its work.
package enum CollectorNotice: Sendable, Equatable {
  /// Events were delivered.
  case delivered(Int)
  /// An event was refused for good; the ledger has it still.
  case dropped(id: String, reason: String)
  /// An attempt failed and will be repeated.
  case failed(endpoint: String, reason: String)
  /// Nothing is sent until somebody changes the settings.
  case stopped(endpoint: String, reason: String)
}

/// Why a sender gave up for now.
enum CollectorPause: Error, Equatable {
  case retry(afterSeconds: Int?)
  case stop
}

/// Sends batches to the first of several collectors that takes them.
struct CollectorSender {
  private let clients: [CollectorClient]
  private let destination: CollectorDestination
  private let service: CollectorService
  private let wait: (_ milliseconds: Int) -> Bool
  private let note: (CollectorNotice) -> Void
  private var current = 0

  /// Creates a sender, for one thread.
  ///
  /// - Parameters:
  ///   - clients: those of the destination.
  ///   - wait: waits, and says whether to go on.
  init(
    _ clients: [CollectorClient],
    _ destination: CollectorDestination,
    _ service: CollectorService,
    wait: @escaping (_ milliseconds: Int) -> Bool,
    note: @escaping (CollectorNotice) -> Void
  ) {
    self.clients = clients
    self.destination = destination
    self.service = service
    self.wait = wait
    self.note = note
  }

  private var client: CollectorClient { clients[current] }

  /// Delivers a batch.
  ///
  /// Returns when every event of it was taken, acknowledged where that is wanted, or refused for good.
  /// - Parameter mayGoOn: asked before each request, as another server may have taken over.
  /// - Throws: `CollectorPause`; of the batch any part may have been taken.
  mutating func deliver(_ batch: CollectorBatch, mayGoOn: () -> Bool) throws(CollectorPause) {
    var open = [batch]
    while let batch = open.popLast() {
      guard !batch.isEmpty else { continue }
      guard mayGoOn() else { throw .retry(afterSeconds: nil) }
      switch try post(batch) {
      case .accepted(let ackID, let slowDown):
        if let ackSeconds = destination.ackSeconds { try awaitAcknowledgement(ackID, Int(ackSeconds) * 1_000, mayGoOn) }
        note(.delivered(batch.count))
        if slowDown, !wait(CollectorLimits.backoffMinMilliseconds) { throw .retry(afterSeconds: nil) }
      case .retry(let reason, let seconds):
        note(.failed(endpoint: client.endpoint.description, reason: reason))
        turn()
        throw .retry(afterSeconds: seconds)
      case .drop(let place, let reason):
        note(.delivered(place))
        note(.dropped(id: batch.id(at: place), reason: reason))
        open.append(batch.after(place))
      case .dropFields(let place, let reason):
        note(.delivered(place))
        if let rest = batch.withoutFields(at: place) {
          open.append(rest)
        } else {
          // Refused without its fields as well: then it is not the fields.
          note(.dropped(id: batch.id(at: place), reason: reason))
          open.append(batch.after(place))
        }
      case .split:
        guard batch.count > 1 else {
          note(.dropped(id: batch.id(at: 0), reason: "it is larger than the collector takes"))
          continue
        }
        let (first, second) = batch.halves
        open += [second, first]
      case .stop(let reason):
        note(.stopped(endpoint: client.endpoint.description, reason: reason))
        turn()
        throw .stop
      }
    }
  }

  /// Goes on with the next collector.
  private mutating func turn() {
    client.close()
    current = (current + 1) % clients.count
  }

  private mutating func post(_ batch: CollectorBatch) throws(CollectorPause) -> CollectorAction {
    guard let token = destination.token() else { return .stop("the file of the token cannot be read, or holds none") }
    let headers = [
      ("Authorization", "Splunk \(token)"), ("Content-Type", service.contentType), ("Content-Encoding", "gzip"),
      ("X-Splunk-Request-Channel", destination.channel),
    ]
    do throws(CollectorTransportError) {
      let reply = try client.post(service.path(at: client.endpoint), headers: headers, body: deflateGzip(batch.body))
      return reply.action(for: batch.count)
    } catch {
      return .retry(error.description, afterSeconds: nil)
    }
  }

  // MARK: - Acknowledgements

  /// Waits until the collector says that a batch is indexed.
  private mutating func awaitAcknowledgement(
    _ ackID: Int?,
    _ milliseconds: Int,
    _ mayGoOn: () -> Bool
  ) throws(CollectorPause) {
    guard let ackID else {
      note(
        .stopped(
          endpoint: client.endpoint.description,
          reason: "it acknowledges nothing: enable indexer acknowledgement for the token, or leave out --hec-ack"
        )
      )
      throw .stop
    }
    var pause = CollectorLimits.ackPollMinMilliseconds
    var waited = 0
    while waited < milliseconds {
      guard wait(pause), mayGoOn() else { throw .retry(afterSeconds: nil) }
      waited += pause
      pause = min(pause * 2, CollectorLimits.ackPollMaxMilliseconds)
      if try isAcknowledged(ackID) { return }
    }
    note(.failed(endpoint: client.endpoint.description, reason: "it did not acknowledge in time"))
    throw .retry(afterSeconds: nil)
  }

  private mutating func isAcknowledged(_ ackID: Int) throws(CollectorPause) -> Bool {
    let headers = [
      ("Authorization", "Splunk \(destination.token() ?? "")"), ("Content-Type", "application/json"),
      ("X-Splunk-Request-Channel", destination.channel),
    ]
    let reply: CollectorReply
    do throws(CollectorTransportError) {
      reply = try client.post(
        client.endpoint.path(of: "ack"),
        headers: headers,
        body: Array(#"{"acks":[\#(ackID)]}"#.utf8)
      )
    } catch {
      // The batch may be indexed or not; only sending it again makes sure.
      note(.failed(endpoint: client.endpoint.description, reason: "\(error)"))
      turn()
      throw .retry(afterSeconds: nil)
    }
    if reply.code == 14 {
      note(.stopped(endpoint: client.endpoint.description, reason: "\(reply.text): leave out --hec-ack"))
      throw .stop
    }
    // Any other trouble is no acknowledgement, and passes or ends in the batch being sent again.
    return reply.acks["\(ackID)"] ?? false
  }
}
