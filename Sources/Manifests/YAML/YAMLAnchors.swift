// What anchors stand for.

/// The anchors of one document.
struct YAMLAnchors {
  /// The content of an anchor.
  enum Content {
    /// A collection that is not yet closed; an alias in it would never end.
    case open
    /// A map or list, as a stretch of the rendered text.
    case collection(start: RenderedText.Mark, end: RenderedText.Mark, height: Int, isObject: Bool)
    /// A scalar, and its JSON.
    case scalar(YAMLScalar, json: [UInt8])
  }

  private var contents: [Content] = []
  private var identifiers: [String: Int] = [:]

  /// Declares an anchor, over an earlier one of that name, and gives its identifier.
  mutating func open(_ name: String) -> Int {
    contents.append(.open)
    identifiers[name] = contents.count - 1
    return contents.count - 1
  }

  /// Sets what an anchor stands for.
  mutating func close(_ identifier: Int, _ content: Content) { contents[identifier] = content }

  /// What the latest anchor of that name stands for; nil if there is none.
  func content(of name: String) -> Content? { identifiers[name].map { contents[$0] } }

  /// Forgets all anchors.
  mutating func removeAll() {
    contents.removeAll()
    identifiers.removeAll()
  }
}
