// Signals that end a replay that would go on for ever.

internal import Glibc
internal import Synchronization

/// Whether somebody asked for the end, with Ctrl-C or as init systems do.
enum Interruption {
  private static let wanted = Atomic<Bool>(false)

  /// Whether the end was asked for.
  static var isWanted: Bool { wanted.load(ordering: .relaxed) }

  /// Begins to listen; a second signal ends the process at once.
  static func prepare() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { unsafe sigaddset(&signals, number) }
    // Whoever started this process may have left them blocked.
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { _ in Interruption.wanted.store(true, ordering: .relaxed) }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      unsafe sigaction(number, &action, nil)
    }
  }
}
