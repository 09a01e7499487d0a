// A document as a tree that remembers where everything stands.

internal import JSONDocument

/// A value of a document that people write by hand: of a policy, or of a description.
package struct SourceNode: Sendable {
  /// What stands there.
  package enum Value: Sendable {
    case object([Member])
    case list([SourceNode])
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case null
  }

  /// A key of an object, and what it leads to.
  package struct Member: Sendable {
    package let key: String
    package let place: SourcePlace
    package let value: SourceNode
  }

  package let value: Value
  /// Where an object's first key stands; for other values where the key stands that leads to them.
  package let place: SourcePlace

  /// Levels of objects and lists; the shape of a policy has eight.
  private static let levelsMax = 32

  /// Reads one document.
  ///
  /// - Throws: `InputProblem` when it is no JSON that simdjson reads, or too deep.
  package init(_ document: RenderedDocument, file: String) throws(InputProblem) {
    let start = SourcePlace(file: file, position: document.start)
    let node: SourceNode?
    do throws(JSONError) {
      node = try JSONParser().withDocument(document.json) { root in
        var positions = document.keyPositions.makeIterator()
        return Self.node(root, start, &positions, levels: Self.levelsMax)
      }
    } catch {
      throw start.problem("\(error)")
    }
    guard let node else {
      throw start.problem("lies more than \(Self.levelsMax) levels deep, and nothing that belongs here does")
    }
    self = node
  }

  private init(_ value: Value, _ place: SourcePlace) {
    self.value = value
    self.place = place
  }

  /// The tree, as deep as is allowed; nil when it is deeper.
  private static func node(
    _ json: borrowing JSONValue,
    _ place: SourcePlace,
    _ positions: inout IndexingIterator<[SourcePosition]>,
    levels: Int
  ) -> SourceNode? {
    guard levels > 0 else { return nil }
    switch json.kind {
    case .object:
      var members: [Member] = []
      var rest = json.members
      while let member = rest.next() {
        let keyPlace = SourcePlace(file: place.file, position: positions.next() ?? place.position)
        guard let value = node(member.value, keyPlace, &positions, levels: levels - 1) else { return nil }
        members.append(Member(key: member.key.string ?? "", place: keyPlace, value: value))
      }
      return SourceNode(.object(members), members.first?.place ?? place)
    case .array:
      var list: [SourceNode] = []
      var rest = json.elements
      while let element = rest.next() {
        guard let value = node(element, place, &positions, levels: levels - 1) else { return nil }
        list.append(value)
      }
      return SourceNode(.list(list), place)
    case .string: return SourceNode(.text(json.string ?? ""), place)
    case .number:
      if let integer = json.integer { return SourceNode(.integer(integer), place) }
      return SourceNode(.number(json.numberText.flatMap(Double.init) ?? 0), place)
    case .boolean: return SourceNode(.boolean(json.isTrue), place)
    case .null: return SourceNode(.null, place)
    }
  }
}

/// A place in a file.
package struct SourcePlace: Sendable {
  package let file: String
  package let position: SourcePosition

  /// A problem here.
  package func problem(_ message: String) -> InputProblem {
    InputProblem(file: file, position: position, message: message)
  }
}

extension SourceNode {
  /// The members of an object; none for other values.
  package var members: [Member] {
    guard case .object(let members) = value else { return [] }
    return members
  }

  /// The elements of a list; none for other values.
  package var elements: [SourceNode] {
    guard case .list(let elements) = value else { return [] }
    return elements
  }

  /// What a key of an object leads to, the last of several; nil for other values.
  package subscript(_ key: String) -> SourceNode? { members.last { $0.key == key }?.value }

  /// The text; nil for other values.
  package var text: String? {
    guard case .text(let text) = value else { return nil }
    return text
  }

  /// The whole number; nil for other values.
  package var integer: Int? {
    switch value {
    case .integer(let integer): integer
    case .number(let number): Int(exactly: number)
    default: nil
    }
  }

  /// The number; nil for other values.
  package var number: Double? {
    switch value {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  /// Whether it is true; nil for other values.
  package var boolean: Bool? {
    guard case .boolean(let boolean) = value else { return nil }
    return boolean
  }

  /// For errors: what stands here instead of what was expected.
  package var description: String {
    switch value {
    case .object: "an object"
    case .list: "a list"
    case .text(let text): "the text \"\(text.prefix(60))\""
    case .integer(let integer): "the number \(integer)"
    case .number(let number): "the number \(number)"
    case .boolean(let boolean): boolean ? "true" : "false"
    case .null: "nothing"
    }
  }
}
