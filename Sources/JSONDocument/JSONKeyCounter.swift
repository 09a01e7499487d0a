// Where a key stands among all keys of a document.

/// Counts the keys of a document up to given ones; keys asked for in the order of the document cost one pass in all.
package struct JSONKeyCounter {
  private struct Container {
    let endIndex: Int
    let isObject: Bool
  }

  private var open: [Container] = []
  private var ordinal = 0
  /// The next value to look at; nil before the first question.
  private var cursor: Int?
  private var isKey = false

  /// Creates a counter for one document.
  package init() {}

  /// How many keys stand before the one at `keyIndex` in the document whose root is `root`.
  package mutating func ordinal(ofKeyAt keyIndex: Int, in root: borrowing JSONValue) -> Int {
    if (cursor ?? .max) > keyIndex { restart(at: root.index) }
    while let here = cursor, here < keyIndex { advance(over: root.value(at: here)) }
    return ordinal
  }

  private mutating func restart(at index: Int) {
    self = JSONKeyCounter()
    cursor = index
  }

  private mutating func advance(over value: borrowing JSONValue) {
    var next = value.endIndex
    if isKey {
      ordinal += 1
      cursor = next
      isKey = false
      return
    }
    if value.isObject || value.isArray {
      open.append(Container(endIndex: value.closingIndex, isObject: value.isObject))
      next = value.contentIndex
    }
    while let container = open.last, next >= container.endIndex {
      next = container.endIndex + 1
      open.removeLast()
    }
    cursor = next
    isKey = open.last?.isObject ?? false
  }
}
