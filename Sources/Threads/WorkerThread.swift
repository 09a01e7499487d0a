// Owns one thread.

internal import Glibc

/// A thread that runs one function and is joined.
///
/// It takes no signals: they belong to the threads that expect them, and a broken pipe is to be an error here.
package final class WorkerThread: Sendable {
  private final class Start {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Nil once joined.
  private let handle: Monitor<pthread_t?>

  /// Starts the thread.
  package init(_ body: @escaping @Sendable () -> Void) {
    let start = unsafe Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let code = unsafe pthread_create(
      &thread,
      nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        WorkerThread.blockSignals()
        start.body()
        return nil
      },
      start.toOpaque()
    )
    // Started once per process, before anything is served; without threads there is nothing to go on with.
    precondition(code == 0, "a thread can be started")
    handle = Monitor(thread)
  }

  /// Waits until the function has returned; again and again, from any thread but itself, where it does not wait.
  package func join() {
    handle.withLock { handle in
      guard let thread = handle else { return }
      handle = nil
      if pthread_equal(thread, pthread_self()) != 0 {
        pthread_detach(thread)
      } else {
        pthread_join(thread, nil)
      }
    }
  }

  private static func blockSignals() {
    var signals = sigset_t()
    unsafe sigfillset(&signals)
    // A fault of this thread must still be seen as one.
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS] { unsafe sigdelset(&signals, fault) }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
