// How large and how deep a JSON document may be, and why.

/// Bounds on every JSON document that is read.
package enum JSONLimits {
  /// The largest document: 7 MiB.
  ///
  /// The API server takes requests of 3 MiB (staging/src/k8s.io/apiserver/pkg/server/config.go) and a review
  /// carries the object, the old object and the user; controller-runtime accepts the same 7 MiB.
  package static let documentBytesMax = 7 << 20

  /// Levels of objects and arrays.
  ///
  /// Go's encoding/json refuses more than 10,000, so the API server cannot hold a deeper
  /// object; the review around it adds two, and the rest is slack.
  package static let nestingLevelsMax = 10_240
}
