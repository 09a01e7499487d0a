// Why the search does not find an event.

package import JSONDocument

/// The first condition of the search that an event does not meet.
package enum AnalyticMiss: Sendable, Equatable {
  /// The event names no resource.
  case noResource
  /// The event is about another resource, which is given; pods that its object makes have events of their own.
  case resourceIsNotPods(String)
  /// The event has no verb.
  case noVerb
  /// The event has another verb, which is given.
  case verbIsNotCreateOrUpdate(String)
  /// The event has no request object: its level is Metadata, or the request was refused before its body was read.
  case noRequestObject
  /// The request object has no `last-applied-configuration`.
  case noAnnotation
  /// The annotation sets hostNetwork with white space around the colon.
  case annotationWithWhiteSpace
  /// The annotation does not set hostNetwork, whatever the object itself does.
  case annotationWithoutText
}

extension AnalyticMiss: CustomStringConvertible {
  package var description: String {
    let annotation = "the annotation kubectl.kubernetes.io/last-applied-configuration"
    return switch self {
    case .noResource: "the search wants pods, and the event names no resource"
    case .resourceIsNotPods(let resource): "the search wants pods, and the resource is \(resource)"
    case .noVerb: "the search wants create or update, and the event has no verb"
    case .verbIsNotCreateOrUpdate(let verb): "the search wants create or update, and the verb is \(verb)"
    case .noRequestObject: "the search reads the request object, and the event has none"
    case .noAnnotation: "the request object lacks \(annotation), which only client-side kubectl apply writes"
    case .annotationWithWhiteSpace:
      "\(annotation) has white space around the colon of \"hostNetwork\":true, and the search wants none"
    case .annotationWithoutText: "\(annotation) does not say \"hostNetwork\":true"
    }
  }
}

extension AnalyticSearch {
  private static let name = FoldedText(#""hostNetwork""#)
  private static let trueText = FoldedText("true")

  /// Why the search does not find an event; nil when it does.
  ///
  /// Of several reasons it gives the first in this order: resource, verb, annotation.
  package static func explain(_ event: borrowing JSONValue) -> AnalyticMiss? {
    guard matchesResource(event) else {
      return resource.quote(in: event).map(AnalyticMiss.resourceIsNotPods) ?? .noResource
    }
    guard matchesVerb(event) else {
      return verb.quote(in: event).map(AnalyticMiss.verbIsNotCreateOrUpdate) ?? .noVerb
    }
    if matchesAnnotation(event) { return nil }
    if annotation.anyValue(in: event, { saysSoWithWhiteSpace($0.utf8) }) { return .annotationWithWhiteSpace }
    if annotation.anyValue(in: event, { _ in true }) { return .annotationWithoutText }
    guard let object = event.member("requestObject"), !object.isNull else { return .noRequestObject }
    return .noAnnotation
  }

  private static func saysSoWithWhiteSpace(_ text: Span<UInt8>) -> Bool {
    var start = 0
    while let place = name.place(in: text, from: start) {
      start = place + name.count
      var end = skipWhiteSpace(of: text, from: start)
      guard end < text.count, text[end] == UInt8(ascii: ":") else { continue }
      end = skipWhiteSpace(of: text, from: end + 1)
      if trueText.stands(in: text, at: end) { return true }
    }
    return false
  }

  /// The place of the first byte from `start` on that is no white space of JSON's.
  private static func skipWhiteSpace(of text: Span<UInt8>, from start: Int) -> Int {
    var place = start
    while place < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[place]) { place += 1 }
    return place
  }
}

extension FlattenedName {
  /// The first value of this field, cut where it is longer than `AuditLogLimits.analyticQuoteBytes`.
  fileprivate func quote(in event: borrowing JSONValue) -> String? {
    var quote: String?
    _ = anyValue(in: event) { value in
      quote = value.isString ? Self.beginning(of: value.utf8) : value.fieldText
      return true
    }
    return quote
  }

  private static func beginning(of text: Span<UInt8>) -> String {
    var count = min(text.count, AuditLogLimits.analyticQuoteBytes)
    // Not in the middle of a character: its further bytes are 10xxxxxx.
    while count < text.count, text[count] & 0xC0 == 0x80 { count -= 1 }
    var bytes: [UInt8] = []
    for place in 0..<count { bytes.append(text[place]) }
    return String(decoding: bytes, as: UTF8.self) + (count < text.count ? "…" : "")
  }
}
