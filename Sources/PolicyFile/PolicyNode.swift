// A policy file as a tree that remembers where everything stands.

internal import JSONDocument
internal import Manifests

/// A value of a policy file.
struct PolicyNode: Sendable {
  enum Value: Sendable {
    case object([Member])
    case list([PolicyNode])
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case null
  }

  struct Member: Sendable {
    let key: String
    let place: PolicyPlace
    let value: PolicyNode
  }

  let value: Value
  /// Where an object's first key stands; for other values where the key stands that leads to them.
  let place: PolicyPlace

  /// Levels of objects and lists; the shape has eight.
  private static let levelsMax = 32

  /// Reads one document.
  ///
  /// - Throws: `InputProblem` when it is no JSON that simdjson reads, or too deep.
  init(_ document: RenderedDocument, file: String) throws(InputProblem) {
    let start = PolicyPlace(file: file, position: document.start)
    let node: PolicyNode?
    do throws(JSONError) {
      node = try JSONParser().withDocument(document.json) { root in
        var positions = document.keyPositions.makeIterator()
        return Self.node(root, start, &positions, levels: Self.levelsMax)
      }
    } catch {
      throw start.problem("\(error)")
    }
    guard let node else { throw start.problem("lies more than \(Self.levelsMax) levels deep, and no policy does") }
    self = node
  }

  private init(_ value: Value, _ place: PolicyPlace) {
    self.value = value
    self.place = place
  }

  /// The tree, as deep as is allowed; nil when it is deeper.
  private static func node(
    _ json: borrowing JSONValue,
    _ place: PolicyPlace,
    _ positions: inout IndexingIterator<[SourcePosition]>,
    levels: Int
  ) -> PolicyNode? {
    guard levels > 0 else { return nil }
    switch json.kind {
    case .object:
      var members: [Member] = []
      var rest = json.members
      while let member = rest.next() {
        let keyPlace = PolicyPlace(file: place.file, position: positions.next() ?? place.position)
        guard let value = node(member.value, keyPlace, &positions, levels: levels - 1) else { return nil }
        members.append(Member(key: member.key.string ?? "", place: keyPlace, value: value))
      }
      return PolicyNode(.object(members), members.first?.place ?? place)
    case .array:
      var list: [PolicyNode] = []
      var rest = json.elements
      while let element = rest.next() {
        guard let value = node(element, place, &positions, levels: levels - 1) else { return nil }
        list.append(value)
      }
      return PolicyNode(.list(list), place)
    case .string: return PolicyNode(.text(json.string ?? ""), place)
    case .number:
      if let integer = json.integer { return PolicyNode(.integer(integer), place) }
      return PolicyNode(.number(json.numberText.flatMap(Double.init) ?? 0), place)
    case .boolean: return PolicyNode(.boolean(json.isTrue), place)
    case .null: return PolicyNode(.null, place)
    }
  }
}

/// A place in a policy file.
struct PolicyPlace: Sendable {
  let file: String
  let position: SourcePosition

  /// A problem here.
  func problem(_ message: String) -> InputProblem { InputProblem(file: file, position: position, message: message) }
}

extension PolicyNode {
  /// The members of an object; none for other values.
  var members: [Member] {
    guard case .object(let members) = value else { return [] }
    return members
  }

  /// The elements of a list; none for other values.
  var elements: [PolicyNode] {
    guard case .list(let elements) = value else { return [] }
    return elements
  }

  subscript(_ key: String) -> PolicyNode? { members.last { $0.key == key }?.value }

  var text: String? {
    guard case .text(let text) = value else { return nil }
    return text
  }

  var integer: Int? {
    switch value {
    case .integer(let integer): integer
    case .number(let number): Int(exactly: number)
    default: nil
    }
  }

  var number: Double? {
    switch value {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  var boolean: Bool? {
    guard case .boolean(let boolean) = value else { return nil }
    return boolean
  }

  /// For errors: what stands here instead of what was expected.
  var description: String {
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
