// Whether two values, of the same or of different documents, say the same.

extension JSONValue {
  /// Whether both hold the same content; the order of members does not matter, the order of elements does.
  ///
  /// Integers and doubles are told apart (`1` is not `1.0`), as the API server writes each field in one way.
  package func hasSameContent(as other: borrowing JSONValue) -> Bool {
    var pairs = [(index, other.index)]
    while let (mine, theirs) = pairs.popLast() {
      let left = value(at: mine)
      let right = other.value(at: theirs)
      guard left.kind == right.kind else { return false }
      switch left.kind {
      case .null: continue
      case .boolean: if left.isTrue != right.isTrue { return false }
      case .number: if !left.equalsNumber(right) { return false }
      case .string: if !left.equalsString(right) { return false }
      case .array: if !Self.pairElements(left, right, into: &pairs) { return false }
      case .object: if !Self.pairMembers(left, right, into: &pairs) { return false }
      }
    }
    return true
  }

  private static func pairElements(
    _ left: borrowing JSONValue,
    _ right: borrowing JSONValue,
    into pairs: inout [(Int, Int)]
  ) -> Bool {
    var lefts = left.elements
    var rights = right.elements
    while let element = lefts.next() {
      guard let counterpart = rights.next() else { return false }
      pairs.append((element.index, counterpart.index))
    }
    return rights.next() == nil
  }

  /// Members are paired in order while the names agree, which they do for almost every object; else by name.
  private static func pairMembers(
    _ left: borrowing JSONValue,
    _ right: borrowing JSONValue,
    into pairs: inout [(Int, Int)]
  ) -> Bool {
    let start = pairs.count
    var lefts = left.members
    var rights = right.members
    while let member = lefts.next() {
      guard let counterpart = rights.next(), member.key.equalsString(counterpart.key) else {
        pairs.removeSubrange(start...)
        return pairMembersByName(left, right, into: &pairs)
      }
      pairs.append((member.value.index, counterpart.value.index))
    }
    return rights.next() == nil
  }

  private static func pairMembersByName(
    _ left: borrowing JSONValue,
    _ right: borrowing JSONValue,
    into pairs: inout [(Int, Int)]
  ) -> Bool {
    let mine = placesByName(left)
    let theirs = placesByName(right)
    guard mine.count == theirs.count else { return false }
    for (name, place) in mine {
      guard let counterpart = theirs[name] else { return false }
      pairs.append((place, counterpart))
    }
    return true
  }

  /// By bytes: to Unicode two names may be equal that are different keys in JSON.
  private static func placesByName(_ object: borrowing JSONValue) -> [[UInt8]: Int] {
    var places: [[UInt8]: Int] = [:]
    var members = object.members
    while let member = members.next() {
      if let name = member.key.string { places[Array(name.utf8)] = member.value.index }
    }
    return places
  }
}
