// State that several threads share and wait for.

internal import Glibc

/// A value behind a lock, whose changes can be waited for.
///
/// `Synchronization.Mutex` has no way to wait, and the thread sanitizer does not see it being handed over. The compiler
/// cannot see that the lock guards `state`, hence `@unchecked`: every access in this file holds it.
@safe
package final class Monitor<State: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  /// Creates a monitor of a state.
  package init(_ state: State) {
    self.state = state
    var attributes = pthread_condattr_t()
    // Waiting must not depend on anybody setting the clock.
    let codes = unsafe [
      pthread_mutex_init(mutex, nil), pthread_condattr_init(&attributes),
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), pthread_cond_init(changed, &attributes),
      pthread_condattr_destroy(&attributes),
    ]
    precondition(codes.allSatisfy { $0 == 0 }, "a lock can be made")
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Reads the state, or changes it in a way nobody waits for.
  package func withLock<Result>(_ body: (inout State) -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body(&state)
  }

  /// Changes the state and wakes those who wait.
  package func update<Result>(_ body: (inout State) -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer {
      unsafe pthread_cond_broadcast(changed)
      unsafe pthread_mutex_unlock(mutex)
    }
    return body(&state)
  }

  /// Changes the state, and wakes those who wait where `body` returns true.
  package func wake(if body: (inout State) -> Bool) {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    if body(&state) { unsafe pthread_cond_broadcast(changed) }
  }

  /// Waits until `body` returns a value, trying it at once and after every change; nil when the time is up.
  @discardableResult
  package func wait<Result>(timeoutMilliseconds: Int? = nil, _ body: (inout State) -> Result?) -> Result? {
    let deadline = timeoutMilliseconds.map(Self.deadline)
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      guard var deadline else {
        unsafe pthread_cond_wait(changed, mutex)
        continue
      }
      if unsafe pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return body(&state) }
    }
  }

  private static func deadline(milliseconds: Int) -> timespec {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    let nanoseconds = now.tv_nsec + (milliseconds % 1_000) * 1_000_000
    return timespec(
      tv_sec: now.tv_sec + milliseconds / 1_000 + nanoseconds / 1_000_000_000,
      tv_nsec: nanoseconds % 1_000_000_000
    )
  }
}
