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
  /// A collector takes events and acknowledges none; what it takes counts as delivered.
  case unacknowledged(endpoint: String, reason: String)
}

/// Why a sender gave up for now.
enum CollectorPause: Error, Equatable {
  case retry(afterSeconds: Int?)
  case stop

  /// Seconds that are asked for at least; nil where no time helps.
  fileprivate var waitSeconds: Int? {
    switch self {
    case .retry(let seconds): seconds ?? 0
    case .stop: nil
    }
  }
}

/// Sends batches to the first of several collectors that takes them.
struct CollectorSender {
  private let clients: [CollectorClient]
  private let destination: CollectorDestination
  private let service: CollectorService
  private let wait: (_ milliseconds: Int) -> Bool
  private let note: (CollectorNotice) -> Void
  private var current = 0
  /// Why each of the last collectors took nothing, since one took something.
  private var pauses: [CollectorPause] = []
  /// Whether it was told that there are no acknowledgements.
  private var saysUnacknowledged = false

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
  /// Returns when every event of it was taken, acknowledged where that is wanted, or refused for good. Gives up for now
  /// when all collectors, one after the other, took nothing.
  /// - Parameter mayGoOn: asked before each request, as another server may have taken over.
  /// - Throws: `CollectorPause`; of the batch any part may have been taken.
  mutating func deliver(_ batch: CollectorBatch, mayGoOn: () -> Bool) throws(CollectorPause) {
    var open = [batch]
    while let batch = open.popLast() {
      guard !batch.isEmpty else { continue }
      guard mayGoOn() else { throw .retry(afterSeconds: nil) }
      switch try post(batch) {
      case .accepted(let ackID, let slowDown):
        guard try isAcknowledged(ackID, mayGoOn) else {
          open.append(batch)
          continue
        }
        pauses = []
        note(.delivered(batch.count))
        if slowDown, !wait(CollectorLimits.backoffMinMilliseconds) { throw .retry(afterSeconds: nil) }
      case .retry(let reason, let seconds):
        try turn(.retry(afterSeconds: seconds), reason)
        open.append(batch)
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
        try turn(.stop, reason)
        open.append(batch)
      }
    }
  }

  /// Goes on with the next collector.
  ///
  /// - Throws: what to do now that none is left; waiting, where one of them may take the events later.
  private mutating func turn(_ pause: CollectorPause, _ reason: String) throws(CollectorPause) {
    let endpoint = client.endpoint.description
    client.close()
    current = (current + 1) % clients.count
    pauses.append(pause)
    guard pauses.count >= clients.count else { return note(.failed(endpoint: endpoint, reason: reason)) }
    defer { pauses = [] }
    guard let wait = pauses.compactMap(\.waitSeconds).min() else {
      note(.stopped(endpoint: endpoint, reason: reason))
      throw .stop
    }
    note(.failed(endpoint: endpoint, reason: reason))
    throw .retry(afterSeconds: wait > 0 ? wait : nil)
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

  /// Whether a batch that was taken is delivered, once its acknowledgement came, where that is wanted.
  ///
  /// False when it is to be sent again, by another collector where there are several.
  private mutating func isAcknowledged(_ ackID: Int?, _ mayGoOn: () -> Bool) throws(CollectorPause) -> Bool {
    guard let ackSeconds = destination.ackSeconds else { return true }
    guard let ackID else { return unacknowledged("it gives no id to ask for") }
    var pause = CollectorLimits.ackPollMinMilliseconds
    var waited = 0
    var trouble = ""
    while waited < Int(ackSeconds) * 1_000 {
      guard wait(pause), mayGoOn() else { throw .retry(afterSeconds: nil) }
      waited += pause
      pause = min(pause * 2, CollectorLimits.ackPollMaxMilliseconds)
      do throws(CollectorTransportError) {
        let reply = try ask(for: ackID)
        if reply.acks["\(ackID)"] == true { return true }
        if reply.code == 14 { return unacknowledged(reply.text) }
        // Any other trouble is no acknowledgement, and passes or ends in the batch being sent again.
        trouble = reply.status == 200 ? "" : ": \(reply.text)"
      } catch {
        // The batch may be indexed or not; only sending it again makes sure.
        try turn(.retry(afterSeconds: nil), "\(error)")
        return false
      }
    }
    try turn(.retry(afterSeconds: nil), "it did not acknowledge within \(ackSeconds) s\(trouble)")
    return false
  }

  /// What was taken without an acknowledgement to come is delivered: sent again, it would be there twice each time.
  private mutating func unacknowledged(_ reason: String) -> Bool {
    if !saysUnacknowledged {
      let advice = "enable indexer acknowledgement for the token, or leave out --hec-ack"
      note(.unacknowledged(endpoint: client.endpoint.description, reason: "\(reason): \(advice)"))
    }
    saysUnacknowledged = true
    return true
  }

  private func ask(for ackID: Int) throws(CollectorTransportError) -> CollectorReply {
    let headers = [
      ("Authorization", "Splunk \(destination.token() ?? "")"), ("Content-Type", "application/json"),
      ("X-Splunk-Request-Channel", destination.channel),
    ]
    let body = Array(#"{"acks":[\#(ackID)]}"#.utf8)
    return try client.post(client.endpoint.path(of: "ack"), headers: headers, body: body)
  }
}
