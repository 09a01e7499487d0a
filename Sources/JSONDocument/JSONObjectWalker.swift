// Visits every object of a document without recursion: input decides how deep it goes, never the call stack.

/// One step from a container to what stands in it.
package struct JSONStep: ~Escapable {
  /// The key that leads on, or nil in an array.
  package let key: JSONValue?
  /// The position that leads on, from 0, in an array.
  package let ordinal: Int
  /// What the step leads to.
  package let child: JSONValue

  @_lifetime(copy key, copy child)
  internal init(key: consuming JSONValue?, ordinal: Int, child: JSONValue) {
    self.key = key
    self.ordinal = ordinal
    self.child = child
  }
}

/// Visits every object at or below a value, parents before children, in the order of the document.
///
/// - Complexity: one look at each value in all; memory grows with the depth of the document only.
package struct JSONObjectWalker: ~Escapable {
  private struct Frame {
    let isObject: Bool
    let endIndex: Int
    /// The next key (object) or element (array) to look at.
    var cursor: Int
    /// The key (object) or element (array) being visited.
    var current: Int
    var ordinal: Int
  }

  private let root: JSONValue
  private var frames: [Frame] = []
  private var hasStarted = false

  /// Starts at `root`, which is visited first when it is an object.
  @_lifetime(copy root)
  package init(_ root: JSONValue) {
    self.root = root
  }

  /// The next object, or nil when all were visited.
  @_lifetime(copy self)
  package mutating func next() -> JSONValue? {
    if !hasStarted {
      hasStarted = true
      push(root.index)
      if root.isObject { return root }
    }
    while let last = frames.indices.last {
      guard frames[last].cursor < frames[last].endIndex else {
        frames.removeLast()
        continue
      }
      let start = frames[last].cursor
      let place = frames[last].isObject ? root.value(at: start).endIndex : start
      let child = root.value(at: place)
      frames[last].current = start
      frames[last].ordinal += 1
      frames[last].cursor = child.endIndex
      push(place)
      if child.isObject { return child }
    }
    return nil
  }

  /// Leaves out everything below the object that `next` gave last.
  package mutating func skipChildren() {
    frames.removeLast()
  }

  /// How many steps lead from the root to the object that `next` gave last.
  package var depth: Int { frames.count - 1 }

  /// The step number `level`, from 0 at the root, towards the object that `next` gave last.
  @_lifetime(copy self)
  package func step(_ level: Int) -> JSONStep {
    let frame = frames[level]
    let current = root.value(at: frame.current)
    guard frame.isObject else { return JSONStep(key: nil, ordinal: frame.ordinal, child: current) }
    return JSONStep(key: current, ordinal: frame.ordinal, child: root.value(at: current.endIndex))
  }

  private mutating func push(_ place: Int) {
    let value = root.value(at: place)
    guard value.isObject || value.isArray else { return }
    let content = value.contentIndex
    frames.append(
      Frame(isObject: value.isObject, endIndex: value.closingIndex, cursor: content, current: content, ordinal: -1)
    )
  }
}
