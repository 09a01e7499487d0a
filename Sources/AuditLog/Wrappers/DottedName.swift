// The name of a flattened field, step by step.

/// A name such as `user.groups[0]`, `user.groups{}` or `annotations.authorization.k8s.io/decision`.
struct DottedName {
  enum Step: Hashable, Comparable {
    case ordinal(Int)
    case name(String)

    var isOrdinal: Bool {
      if case .ordinal = self { return true }
      return false
    }

    /// Whether what follows is one name, dots and all: a map's keys are not the log's own.
    var isMap: Bool { self == .name("annotations") || self == .name("labels") }
  }

  private(set) var steps: [Step] = []
  /// Whether the name ends in `{}`.
  private(set) var isList = false

  /// Reads a name; nil when it has too many steps, an empty one, or one that goes on behind `{}`.
  init?(_ text: some BidirectionalCollection<UInt8>) {
    var rest = text[...]
    while !rest.isEmpty {
      guard !isList, steps.count < AuditLogLimits.flattenedLevelsMax else { return nil }
      let isInMap = steps.last?.isMap ?? false
      let end = isInMap ? rest.endIndex : rest.firstIndex(of: UInt8(ascii: ".")) ?? rest.endIndex
      guard addStep(rest[..<end], isPlain: isInMap) else { return nil }
      rest = end < rest.endIndex ? rest[rest.index(after: end)...] : rest[end...]
    }
    if steps.isEmpty { return nil }
  }

  private mutating func addStep(_ text: some BidirectionalCollection<UInt8>, isPlain: Bool) -> Bool {
    guard !text.isEmpty else { return false }
    var name = text[...]
    var ordinal: Int?
    if !isPlain {
      if name.last == UInt8(ascii: "}"), name.dropLast().last == UInt8(ascii: "{") {
        isList = true
        name = name.dropLast(2)
      } else if name.last == UInt8(ascii: "]"), let bracket = name.firstIndex(of: UInt8(ascii: "[")) {
        let digits = name[name.index(after: bracket)...].dropLast()
        ordinal = Int(String(decoding: digits, as: UTF8.self))
        guard ordinal != nil else { return false }
        name = name[..<bracket]
      }
    }
    guard !name.isEmpty else { return false }
    steps.append(.name(String(decoding: name, as: UTF8.self)))
    if let ordinal { steps.append(.ordinal(ordinal)) }
    return true
  }
}
