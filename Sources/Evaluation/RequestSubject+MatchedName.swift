// The name that conditions are matched against, while the API server may not have made it yet.

extension RequestSubject {
  /// How the API server makes a name of a `generateName`: it is cut to leave room for as many random characters of an
  /// alphabet that spells no words.
  ///
  /// Source: apiserver, pkg/storage/names/generate.go; apimachinery, pkg/util/rand.
  private static let generated = (
    prefixMax: 58, randomCount: 5, alphabet: Set("bcdfghjklmnpqrstvwxz2456789".unicodeScalars)
  )

  /// Stands for a character that is not known; no name of Kubernetes has it.
  private static let unknownCharacter = "\u{FFFF}"

  /// The name that conditions are matched against.
  ///
  /// A name that the API server makes, or made, of `generateName` in a create ends in five characters that only `*` and
  /// `?` match, as it is not known at every door. A name that the requester chose counts as it is: beside it the API
  /// server takes no notice of `generateName`.
  package var matchedName: String {
    guard operation == .create, !generateName.isEmpty else { return name }
    let prefix = String(generateName.unicodeScalars.prefix(Self.generated.prefixMax))
    let isOpen = name.isEmpty || name == "\(generateName)*"
    guard isOpen || Self.isGenerated(name, from: prefix) else { return name }
    return prefix + String(repeating: Self.unknownCharacter, count: Self.generated.randomCount)
  }

  private static func isGenerated(_ name: String, from prefix: String) -> Bool {
    let random = Array(name.unicodeScalars.dropFirst(prefix.unicodeScalars.count))
    return name.unicodeScalars.starts(with: prefix.unicodeScalars) && random.count == generated.randomCount
      && random.allSatisfy(generated.alphabet.contains)
  }

  /// `matchedName` as a pattern: `?` for each character that is not known.
  package var namePattern: Glob {
    Glob(matchedName.replacing(Self.unknownCharacter, with: "?"))
  }
}
