// Why an object could not be judged. At a door this is never a silent allow.

/// Why an object could not be judged.
package enum EvaluationError: Error, Equatable, Sendable {
  /// `hostNetwork` of a pod spec is neither true nor false; the API server would refuse it.
  case hostNetworkNotBoolean(pointer: String, found: String)
  /// The object attaches more pods than are kept apart; the limit is a count.
  case tooManyAttachments(limit: Int)
  /// A create or update came without the object.
  case missingObject
}

extension EvaluationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .hostNetworkNotBoolean(let pointer, let found):
      "\(pointer) must be true or false, not \(found): the API server refuses it; write true or false without quotes"
    case .tooManyAttachments(let limit):
      "the object has more than \(limit) places that use the node's network; split it into smaller objects"
    case .missingObject:
      "the request carries no object"
    }
  }
}
