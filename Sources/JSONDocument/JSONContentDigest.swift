// Whether two values, of the same or of different documents, say the same: by a short digest that can be kept.

/// A digest of what a value says; equal for equal content, comparable only within one process.
///
/// The order of members does not matter, the order of elements does; of several members with one name the last counts.
/// Integers and doubles are told apart (`1` is not `1.0`), as the API server writes each field in one way. The 128 bits
/// come from the standard library's `Hasher` (SipHash, keyed at random for each process), so nobody who writes objects
/// can aim at a collision.
package struct JSONContentDigest: Sendable, Hashable {
  private let first: UInt64
  private let second: UInt64

  fileprivate struct Frame {
    let isObject: Bool
    let endIndex: Int
    var cursor: Int
    /// The digest of the key that led to the value being visited.
    var key: JSONContentDigest
    /// Of an array, in order.
    var elements: [JSONContentDigest] = []
    /// Of an object, by the digest of the key.
    var members: [JSONContentDigest: JSONContentDigest] = [:]
  }

  /// Digests a value, without recursion.
  package init(_ root: borrowing JSONValue) {
    var frames: [Frame] = []
    var place = root.index
    var finished: JSONContentDigest?
    while true {
      if finished == nil {
        let value = root.value(at: place)
        if value.isObject || value.isArray {
          frames.append(
            Frame(
              isObject: value.isObject,
              endIndex: value.closingIndex,
              cursor: value.contentIndex,
              key: JSONContentDigest(parts: [], tag: 0)
            )
          )
        } else {
          finished = Self.scalar(value)
        }
      }
      guard let last = frames.indices.last else { break }
      if let digest = finished {
        frames[last].add(digest)
        finished = nil
      }
      guard frames[last].cursor < frames[last].endIndex else {
        finished = frames.removeLast().digest
        if frames.isEmpty { break }
        continue
      }
      let start = root.value(at: frames[last].cursor)
      if frames[last].isObject { frames[last].key = Self.scalar(start) }
      place = frames[last].isObject ? start.endIndex : start.index
      frames[last].cursor = root.value(at: place).endIndex
    }
    self = finished ?? JSONContentDigest(parts: [], tag: 0)
  }

  private init(first: UInt64, second: UInt64) {
    self.first = first
    self.second = second
  }

  private init(parts: [JSONContentDigest], tag: UInt8) {
    self = Self.hash(tag) { hasher in hasher.combine(parts) }
  }

  private static func hash(_ tag: UInt8, _ combine: (inout Hasher) -> Void) -> JSONContentDigest {
    func half(_ number: UInt8) -> UInt64 {
      var hasher = Hasher()
      hasher.combine(number)
      hasher.combine(tag)
      combine(&hasher)
      return UInt64(bitPattern: Int64(hasher.finalize()))
    }
    return JSONContentDigest(first: half(1), second: half(2))
  }

  private static func scalar(_ value: borrowing JSONValue) -> JSONContentDigest {
    switch value.kind {
    case .null: return hash(UInt8(ascii: "n")) { _ in }
    case .boolean:
      let isTrue = value.isTrue
      return hash(UInt8(ascii: "b")) { $0.combine(isTrue) }
    case .number:
      let word = value.numberWord
      return hash(word.tag) { $0.combine(word.bits) }
    case .string:
      let bytes = value.utf8
      return hash(UInt8(ascii: "\"")) { hasher in
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
      }
    case .object, .array: return hash(0) { _ in }
    }
  }
}

extension JSONContentDigest.Frame {
  fileprivate mutating func add(_ digest: JSONContentDigest) {
    if isObject { members[key] = digest } else { elements.append(digest) }
  }

  fileprivate var digest: JSONContentDigest {
    guard isObject else { return JSONContentDigest(parts: elements, tag: UInt8(ascii: "[")) }
    // In an order that depends on the names alone.
    let sorted = members.sorted { $0.key < $1.key }
    return JSONContentDigest(parts: sorted.flatMap { [$0.key, $0.value] }, tag: UInt8(ascii: "{"))
  }
}

extension JSONContentDigest {
  fileprivate static func < (left: JSONContentDigest, right: JSONContentDigest) -> Bool {
    (left.first, left.second) < (right.first, right.second)
  }
}
