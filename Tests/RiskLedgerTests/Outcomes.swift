// Collects what threads report, and lets a test wait for it.

import Foundation
import RiskLedger

/// A list that grows from any thread.
final class Outcomes<Element: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var elements: [Element] = []

  func append(_ element: Element) {
    condition.withLock {
      elements.append(element)
      condition.broadcast()
    }
  }

  var all: [Element] { condition.withLock { elements } }

  /// Waits until there are `count` elements; returns what there is after 30 s at the latest.
  func waiting(for count: Int) -> [Element] {
    let deadline = Date().addingTimeInterval(30)
    return condition.withLock {
      while elements.count < count, condition.wait(until: deadline) {}
      return elements
    }
  }
}

/// A gate that keeps threads waiting until it is opened.
final class Gate: @unchecked Sendable {
  private let condition = NSCondition()
  private var isOpen = false
  private var waiting = 0

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  func pass() {
    condition.withLock {
      waiting += 1
      condition.broadcast()
      while !isOpen { condition.wait() }
    }
  }

  /// Waits until a thread stands before the gate or has passed it.
  func waitForArrival() {
    condition.withLock {
      while waiting == 0 { condition.wait() }
    }
  }
}

/// Runs `body` on a thread of its own, which may change what the thread may do for good, and returns what it returns.
func onThreadOfItsOwn<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
  let outcome = Outcomes<Swift.Result<Result, any Error>>()
  Thread.detachNewThread { outcome.append(Swift.Result(catching: body)) }
  guard let result = outcome.waiting(for: 1).first else { throw NoOutcome() }
  return try result.get()
}

/// A thread did not come to an end in time.
struct NoOutcome: Error {}
