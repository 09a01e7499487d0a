// Amazon EKS: CloudWatch Logs subscriptions (Firehose, Kinesis, Lambda).

internal import JSONDocument

/// `{"messageType":"DATA_MESSAGE","logGroup":"…","logStream":"…","logEvents":[{"message":"<event>"},…]}`.
///
/// Control messages only test that the destination can be reached. A cluster's log group has a stream for each part of
/// its control plane; the audit log is in those called `kube-apiserver-audit-…`.
enum CloudWatchSubscription: LogWrapper {
  static let signs: [StaticString] = ["logEvents"]
  private static let clusterGroup = Array("/aws/eks/".utf8)
  private static let auditStream = Array("kube-apiserver-audit".utf8)

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let events = object.member("logEvents"), events.isArray else { return nil }
    if let type = object.member("messageType"), type.equals("CONTROL_MESSAGE") { return .other }
    if let group = object.member("logGroup"), group.begins(with: clusterGroup),
      let stream = object.member("logStream"), !stream.begins(with: auditStream)
    {
      return .other
    }
    return CloudWatchQuery.unwrap(messagesOf: events, with: unwrapper, into: &sink)
  }
}
