// Every bound of the evaluator, with its reason.

/// Bounds on what one evaluation keeps.
package enum EvaluationLimits {
  /// Attachments kept apart in one object.
  ///
  /// An Argo Workflow with as many pod specs would pass etcd's 1.5 MiB.
  package static let attachmentsMax = 1_000

  /// Bytes of all JSON Pointers of one object: attachments nested in one another would otherwise grow as their square.
  package static let pointerBytesMax = 1 << 20

  /// Ports listed for one pod; looking one up is linear.
  package static let hostPortsMax = 256

  /// Unicode scalars of one warning (k8s.io/api/admission/v1, AdmissionResponse.Warnings: at most 120 characters).
  package static let warningCharactersMax = 120

  /// Warnings of one answer.
  ///
  /// The API server cuts all of them once 4,096 characters are passed, and shares that budget
  /// between all webhooks (apiserver, pkg/endpoints/filters/warning.go).
  package static let warningsMax = 8

  /// Bytes of one reason; a denial is one line on somebody's terminal.
  package static let reasonBytesMax = 2_048
}
