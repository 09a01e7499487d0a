// The audit batches that are held in memory: those that come in, those that wait, the one that is judged.

internal import Threads

/// What became of a batch.
enum AuditOutcome: Sendable, Equatable {
  /// It was judged, and its risk events are durable.
  case recorded
  /// The body is no batch of audit events.
  case unreadable(String)
  /// Its risk events are not durable yet; the batch is to be sent again.
  case notRecorded(String)
}

/// The body of one request, and who wants to know what became of it.
struct AuditBatch: Sendable {
  let body: [UInt8]
  /// Called once, on the thread that judges.
  let completion: @Sendable (AuditOutcome) -> Void
}

/// The batches between the connections and the thread that judges, and the room that all of them together have.
final class AuditBacklog: Sendable {
  private struct State: Sendable {
    var waiting: [AuditBatch] = []
    /// Waiting, or being judged.
    var batches = 0
    /// Of these, and of bodies that are still coming in.
    var bytes = 0
    var isClosed = false
  }

  private let state = Monitor(State())
  let limitBytes: Int

  init(limitBytes: Int) { self.limitBytes = limitBytes }

  var bytes: Int { state.withLock { $0.bytes } }
  var batches: Int { state.withLock { $0.batches } }

  /// Whether a body of this size, in bytes, would find room now.
  func hasRoom(for count: Int) -> Bool { state.withLock { $0.bytes + count <= limitBytes } }

  /// Takes room for bytes that came in; false when there is none.
  func reserve(_ count: Int) -> Bool {
    state.withLock { state in
      guard state.bytes + count <= limitBytes else { return false }
      state.bytes += count
      return true
    }
  }

  /// Gives room back that was reserved, for a body that is dropped.
  func release(_ count: Int) { state.withLock { $0.bytes -= count } }

  /// Adds a batch, for whose body room was reserved; false, and the room stays taken, once the backlog is closed.
  func add(_ batch: AuditBatch) -> Bool {
    state.update { state in
      guard !state.isClosed else { return false }
      state.waiting.append(batch)
      state.batches += 1
      return true
    }
  }

  /// Everything that waits, in order; nil once closed and empty; nothing when the time is up.
  func next(timeoutMilliseconds: Int?) -> [AuditBatch]? {
    let taken: [AuditBatch]?? = state.wait(timeoutMilliseconds: timeoutMilliseconds) { state in
      guard !state.waiting.isEmpty else { return state.isClosed ? .some(nil) : nil }
      let taken = state.waiting
      state.waiting = []
      return taken
    }
    return taken ?? []
  }

  /// Gives back the room of a batch that was judged.
  func finish(_ batch: AuditBatch) {
    state.withLock { state in
      state.batches -= 1
      state.bytes -= batch.body.count
    }
  }

  /// Takes no more.
  func close() { state.update { $0.isClosed = true } }
}
