// What a wrapper is: one product's way of putting an audit event inside a JSON object of its own.

internal import JSONDocument

/// Takes one kind of wrapper off.
///
/// A wrapper is told by what is in the object, never by the name of a file. A wrapper that has looked into a value has
/// taken it: no other wrapper sees it, so that no input is read more than once for each of its levels.
protocol LogWrapper: SendableMetatype {
  /// Names of members of which a wrapped object has at least one; only then is `unwrap` called.
  static var signs: [StaticString] { get }

  /// Hands on what is inside, or returns nil when `object` is something else after all.
  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome?
}

/// Every wrapper, the more telling before the less telling ones.
struct LogWrapperTable: Sendable {
  private static let wrappers: [any LogWrapper.Type] = [
    EventListWrapper.self,
    BareEvent.self,
    ContainerLogRecord.self,
    ElasticDocument.self,
    EventCollectorRecord.self,
    CloudWatchSubscription.self,
    CloudWatchQuery.self,
    CloudWatchInsights.self,
    AmazonRecord.self,
    GoogleLogEntry.self,
    PubSubMessage.self,
    AzureRecord.self,
    AzureDiagnosticsRow.self,
    AzureAuditRow.self,
    LogAnalyticsTables.self,
    LokiStreams.self,
    OpenTelemetryLogs.self,
    SplunkExport.self,
    SplunkColumns.self,
    SumoRecord.self,
    DatadogLog.self,
    GELFMessage.self,
    PayloadField.self,
  ]

  static let all = LogWrapperTable()

  private struct Sign: Sendable {
    let name: StaticString
    let bit: UInt64
  }

  /// The signs by the length of their names: almost every key is told apart by its length alone.
  private var signs: [[Sign]] = []
  /// For each wrapper the bits of its signs.
  private var masks: [UInt64] = []

  private init() {
    var bits: [String: UInt64] = [:]
    for wrapper in Self.wrappers {
      var mask: UInt64 = 0
      for name in wrapper.signs {
        let known = bits[name.description]
        let bit = known ?? 1 << UInt64(bits.count)
        mask |= bit
        guard known == nil else { continue }
        bits[name.description] = bit
        let length = name.utf8CodeUnitCount
        while signs.count <= length { signs.append([]) }
        signs[length].append(Sign(name: name, bit: bit))
      }
      masks.append(mask)
    }
    precondition(bits.count <= UInt64.bitWidth, "a wrapper's signs are bits of one word")
  }

  /// Takes off the wrapper that `object` is.
  func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome {
    let present = signs(of: object)
    guard present != 0 else { return .other }
    for place in masks.indices where masks[place] & present != 0 {
      if let outcome = Self.wrappers[place].unwrap(object, with: unwrapper, into: &sink) { return outcome }
    }
    return .other
  }

  private func signs(of object: borrowing JSONValue) -> UInt64 {
    var present: UInt64 = 0
    var members = object.members
    while let member = members.next() {
      let length = member.key.utf8.count
      guard length < signs.count else { continue }
      for sign in signs[length] where member.key.equals(sign.name) { present |= sign.bit }
    }
    return present
  }
}
