// The server's context, made anew when its files change; connections made before go on.

internal import Threads

/// Holds the context that new connections get.
package final class ReloadingTLSContext: Sendable {
  /// What a look at the files came to.
  package enum Outcome: Sendable, Equatable {
    case unchanged
    case reloaded
    /// The files changed and cannot be used; the context before stays.
    case failed(TLSError)
  }

  private struct State {
    var context: TLSContext
    /// The files that were last looked into.
    var seen: [FileFingerprint?]
    var failure: TLSError?
  }

  /// Nil for a context that never changes.
  private let files: ServerCertificateFiles?
  private let state: Monitor<State>

  /// Reads the files.
  ///
  /// - Throws: `certificateUnusable`, `keyUnusable`, `keyMismatch` or `authorityUnusable`, with the file's name.
  package init(_ files: ServerCertificateFiles) throws(TLSError) {
    self.files = files
    let seen = files.fingerprint
    state = Monitor(State(context: try TLSContext.server(files), seen: seen))
  }

  /// Holds a context for good.
  package init(_ context: TLSContext) {
    files = nil
    state = Monitor(State(context: context, seen: []))
  }

  /// The context for new connections.
  package var current: TLSContext { state.withLock { $0.context } }

  /// Why the files as they are now are not in use; nil when they are.
  package var failure: TLSError? { state.withLock { $0.failure } }

  /// Takes the files if they changed; not for several threads at a time.
  ///
  /// Files that change while they are read, one before the other, are left for the next call.
  package func reload() -> Outcome {
    guard let files else { return .unchanged }
    let found = files.fingerprint
    guard found != state.withLock({ $0.seen }) else { return .unchanged }
    let result: Result<TLSContext, TLSError>
    do throws(TLSError) { result = .success(try TLSContext.server(files)) } catch { result = .failure(error) }
    guard files.fingerprint == found else { return .unchanged }
    return state.withLock { state in
      state.seen = found
      switch result {
      case .success(let context):
        state.context = context
        state.failure = nil
        return .reloaded
      case .failure(let error):
        state.failure = error
        return .failed(error)
      }
    }
  }
}
