// What Splunk's HTTP Event Collector answers, and what that asks of whoever sent.

internal import Evaluation
internal import JSONDocument

/// One answer of a collector.
struct CollectorReply: Sendable, Equatable {
  /// HTTP status.
  let status: Int
  /// Splunk's own code; nil where a proxy answered in its place.
  let code: Int?
  /// Its words, fit for a line of a log or a terminal.
  let text: String
  /// The place of the event that was refused, counted from 0.
  let invalidEvent: Int?
  let ackID: Int?
  /// What an answer to a question for acknowledgements says, by their ids.
  let acks: [String: Bool]
  /// Seconds of `Retry-After`.
  let retryAfter: Int?

  /// Reads an answer.
  init(status: Int, body: [UInt8], retryAfter: Int? = nil) {
    self.status = status
    self.retryAfter = retryAfter
    let parsed = try? JSONParser().withDocument(body) { json in
      (
        json.member("code")?.integer, json.string("text"), json.member("invalid-event-number")?.integer,
        json.member("ackId")?.integer, Self.acks(json)
      )
    }
    (code, invalidEvent, ackID, acks) = (parsed?.0, parsed?.2, parsed?.3, parsed?.4 ?? [:])
    text = parsed?.1.map { Wording.singleLine(String($0.prefix(CollectorLimits.answerTextMax))) } ?? "HTTP \(status)"
  }

  private static func acks(_ json: borrowing JSONValue) -> [String: Bool] {
    var acks: [String: Bool] = [:]
    guard let list = json.object("acks") else { return acks }
    var members = list.members
    while let member = members.next() { acks[member.key.string ?? ""] = member.value.isTrue }
    return acks
  }
}

/// What is to be done with a batch after an answer.
enum CollectorAction: Sendable, Equatable {
  /// It was taken; with an id it is delivered once that is acknowledged.
  case accepted(ackID: Int?, slowDown: Bool)
  /// Send all of it again, after a while.
  case retry(String, afterSeconds: Int?)
  /// What comes before the event was taken; the event never will be, and the rest is to be sent again.
  case drop(event: Int, String)
  /// As above, but the event may be taken without its index-time fields.
  case dropFields(event: Int, String)
  /// It is too large.
  case split
  /// Nothing can be sent until somebody changes the settings.
  case stop(String)
}

extension CollectorReply {
  /// What is to be done (Splunk, Troubleshoot HTTP Event Collector: status codes).
  ///
  /// Others number their answers as well: a code that takes or refuses data for good counts only with its own status.
  /// - Parameter count: how many events were sent.
  func action(for count: Int) -> CollectorAction {
    switch (code, status) {
    case (0, 200): return .accepted(ackID: ackID, slowDown: false)
    case (24, 200), (25, 200): return .accepted(ackID: ackID, slowDown: true)
    case (8, _), (9, _), (18, _), (19, _), (20, _), (23, _), (26, _), (27, _):
      return .retry(text, afterSeconds: retryAfter)
    // A batch is never empty, so a body without data was lost on its way.
    case (5, 400): return .retry(text, afterSeconds: retryAfter)
    case (6, 400), (12, 400), (13, 400): return refusal { .drop(event: $0, text) }
    case (15, 400): return refusal { .dropFields(event: $0, text) }
    case (let code?, 200), (let code?, 400...403):
      return (1...28).contains(code) ? .stop("\(text) (code \(code))") : actionByStatus
    default: return actionByStatus
    }

    func refusal(_ action: (Int) -> CollectorAction) -> CollectorAction {
      // Without a place the whole body was unreadable: one alone is the culprit, of several nobody knows which.
      if let invalidEvent, (0..<count).contains(invalidEvent) { return action(invalidEvent) }
      return count == 1 ? action(0) : .split
    }
  }

  private var actionByStatus: CollectorAction {
    switch status {
    case 200: .retry("the answer is not a collector's", afterSeconds: retryAfter)
    case 413: .split
    case 408, 429, 500...599: .retry(text, afterSeconds: retryAfter)
    default: .stop("\(text): is this the address of a collector?")
    }
  }
}
