// Amazon EKS: the events of Lambda, Kinesis and Firehose around a CloudWatch subscription.

internal import JSONDocument

/// `{"awslogs":{"data":"<base64 of gzip>"}}`, `{"Records":[{"kinesis":{"data":"…"}}]}`, `{"recordId":"…","data":"…"}`.
enum AmazonRecord: LogWrapper {
  static let signs: [StaticString] = ["Records", "awslogs", "kinesis", "recordId"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    if let records = object.member("Records"), records.isArray {
      var pieces = PieceTally()
      pieces.add(elementsOf: records, with: unwrapper, into: &sink)
      return pieces.outcome(into: &sink)
    }
    if let record = object.member("awslogs", or: "kinesis"), let data = record.member("data"), data.isString {
      return unwrapper.unwrap(encoded: data, into: &sink)
    }
    guard object.member("recordId") != nil, let data = object.member("data"), data.isString else { return nil }
    return unwrapper.unwrap(encoded: data, into: &sink)
  }
}
