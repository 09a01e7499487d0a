// How large, deep and entangled an input may be, and why.

/// Bounds on the text of one input (a file, or standard input).
package enum ManifestLimits {
  /// The largest input: 256 MiB.
  ///
  /// A dump of every object of a large cluster stays below it; positions and offsets fit 32 bits with room to spare.
  package static let inputBytesMax = 256 << 20

  /// Levels of YAML maps and lists, aliases expanded.
  ///
  /// libyaml's cost per token grows with the depth of flow collections, and no
  /// Kubernetes type comes near: a CustomResourceDefinition's schema, the deepest in practice, stays under 100.
  package static let yamlNestingLevelsMax = 1_000

  /// Levels of JSON objects and arrays: Go's encoding/json, and so the API server, refuses more.
  package static let jsonNestingLevelsMax = 10_000

  /// 10 MiB of JSON per input that aliases and merge keys may add: more than three times the API server's largest
  /// request (3 MiB), and too little for a "billion laughs" to hurt.
  package static let aliasExpansionBytesMax = 10 << 20

  /// Directives of the form `%TAG` per input.
  ///
  /// libyaml compares each with all before it, so many of them would take quadratic time;
  /// manifests have none.
  package static let tagDirectivesMax = 64

  /// Warnings listed per document; a last one says that there are more.
  package static let warningsMax = 100

  /// Keys of one object that are compared one by one; above it they are hashed.
  static let keysComparedLinearlyMax = 16

  /// Spare bytes behind every rendered document: simdjson reads up to 64 bytes past the end of its input.
  package static let sparePaddingBytes = 64
}
