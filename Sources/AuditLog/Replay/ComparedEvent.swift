// What one semantics finds in an event and the other does not.

package import Evaluation

/// An event that only one of the two semantics finds.
package struct ComparedEvent: Sendable, Equatable {
  /// Who finds it.
  package enum Side: String, Sendable, CaseIterable {
    /// Only the Splunk search.
    case splunk
    /// Only Hostfence.
    case hostfence
  }

  package var onlyIn: Side
  /// Why the other does not, in words.
  package var why: String
  package var file: String
  package var line: Int
  package var auditID: String
  package var time: Timestamp
  package var user: String
  package var verb: String
  /// As an audit policy names it: `pods`, `deployments.apps`.
  package var resource: String
  package var namespace: String
  package var name: String
  /// HTTP, 0 when the log does not say.
  package var responseCode: Int

  /// Creates an event of a comparison.
  package init(
    onlyIn: Side,
    why: String,
    file: String,
    line: Int,
    auditID: String,
    time: Timestamp,
    user: String,
    verb: String,
    resource: String,
    namespace: String,
    name: String,
    responseCode: Int
  ) {
    self.onlyIn = onlyIn
    self.why = why
    self.file = file
    self.line = line
    self.auditID = auditID
    self.time = time
    self.user = user
    self.verb = verb
    self.resource = resource
    self.namespace = namespace
    self.name = name
    self.responseCode = responseCode
  }
}
