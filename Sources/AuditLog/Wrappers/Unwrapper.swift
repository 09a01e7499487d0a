// Takes records apart, one wrapper after the other, until audit events remain.

package import JSONDocument

/// Takes records apart until audit events remain; one per thread, as it owns parsers.
///
/// After each wrapper the value inside is looked at afresh: wrappers may be inside one another in any order, up to
/// `AuditLogLimits.wrappersMax` of them. The parser of each level keeps its document while the next ones work.
package final class Unwrapper {
  /// What a record turned out to be.
  package enum Outcome: Equatable, Sendable {
    /// At least one audit event, cut event or unreadable inner piece was handed on.
    case events
    /// A whole JSON document that holds no audit event; nothing was handed on.
    case other
    /// A piece of a record that a container runtime split; the text is what was inside, exactly.
    ///
    /// `isLast`: the record ends with it. It may also be a whole record that is not JSON: only who has the pieces
    /// before it can tell. Nothing was handed on.
    case fragment(text: [UInt8], isLast: Bool)
    /// Not one whole JSON document (perhaps part of one); nothing was handed on.
    case notJSON(JSONError)
  }

  let recordBytesMax: Int
  private let parsers: [JSONParser]
  /// For text that has to be one JSON value and is then copied, not taken apart.
  private let checkingParser: JSONParser
  private let table = LogWrapperTable.all
  /// How many wrappers are around the value at hand.
  private var depth = 0
  /// How many parsers hold documents.
  private var documents = 0
  /// Whether the value at hand was stored in Elasticsearch, in whose names dots may have been replaced.
  private(set) var isFromElasticsearch = false

  /// Creates an unwrapper.
  ///
  /// - Parameter recordBytesMax: the longest document it reads, in bytes; compressed data inside may expand to the same.
  package init(recordBytesMax: Int = AuditLogLimits.recordBytesMax) {
    self.recordBytesMax = recordBytesMax
    // One for the record, one for each wrapper, and one for an event that the innermost wrapper writes.
    parsers = (0..<AuditLogLimits.wrappersMax + 2).map { _ in JSONParser(bytesMax: recordBytesMax) }
    checkingParser = JSONParser(bytesMax: recordBytesMax)
  }

  /// Hands the audit events of one record on.
  ///
  /// - Parameters:
  ///   - text: one record without its line feed; white space around it is allowed.
  ///   - padded: that `JSONParser.paddingBytes` bytes behind the text may be read.
  package func unwrap(
    _ text: UnsafeRawBufferPointer,
    padded: Bool,
    into sink: inout some EventSink
  ) -> Outcome {
    depth = 0
    documents = 0
    isFromElasticsearch = false
    return unsafe read(text, padded: padded, into: &sink)
  }

  // MARK: - For wrappers

  /// Looks at a value inside a wrapper; never `.notJSON`.
  func unwrap(inner value: borrowing JSONValue, into sink: inout some EventSink) -> Outcome {
    guard depth < AuditLogLimits.wrappersMax else { return refuse(value, into: &sink) }
    depth += 1
    defer { depth -= 1 }
    guard value.isString else { return unwrap(value, into: &sink) }
    let bytes = value.utf8
    return unsafe bytes.withUnsafeBytes { unsafe readInner($0, into: &sink) }
  }

  /// Looks at the text of a string inside a wrapper; `.notJSON` when it is not whole.
  func unwrap(text value: borrowing JSONValue, into sink: inout some EventSink) -> Outcome {
    guard depth < AuditLogLimits.wrappersMax else { return refuse(value, into: &sink) }
    depth += 1
    defer { depth -= 1 }
    let bytes = value.utf8
    return unsafe bytes.withUnsafeBytes { unsafe read($0, padded: false, into: &sink) }
  }

  /// Looks at a document that a wrapper wrote or decoded; never `.notJSON`.
  func unwrap(document: [UInt8], into sink: inout some EventSink) -> Outcome {
    guard depth < AuditLogLimits.wrappersMax else {
      return unsafe document.withUnsafeBytes { unsafe refuse($0, into: &sink) }
    }
    depth += 1
    defer { depth -= 1 }
    return unsafe document.withUnsafeBytes { unsafe readInner($0, into: &sink) }
  }

  /// Looks at what came out of Elasticsearch.
  func unwrap(elasticsearch value: borrowing JSONValue, into sink: inout some EventSink) -> Outcome {
    let wasFromElasticsearch = isFromElasticsearch
    isFromElasticsearch = true
    defer { isFromElasticsearch = wasFromElasticsearch }
    return unwrap(inner: value, into: &sink)
  }

  /// Looks at a document that was written from one that came out of Elasticsearch.
  func unwrap(elasticsearchDocument document: [UInt8], into sink: inout some EventSink) -> Outcome {
    let wasFromElasticsearch = isFromElasticsearch
    isFromElasticsearch = true
    defer { isFromElasticsearch = wasFromElasticsearch }
    return unwrap(document: document, into: &sink)
  }

  /// Hands on an event that a wrapper wrote in the standard shape.
  func deliver(event text: [UInt8], into sink: inout some EventSink) -> Outcome {
    let outcome = parse(text) { root in sink.receive(event: root) }
    if let error = outcome { sink.receive(unreadable: Self.reason(error)) }
    return .events
  }

  /// Whether text is one JSON value.
  func isJSON(_ text: Span<UInt8>) -> Bool {
    unsafe text.withUnsafeBytes { bytes in
      do throws(JSONError) {
        return try unsafe checkingParser.withDocument(bytes, padded: false) { _ in true }
      } catch {
        return false
      }
    }
  }

  /// Lends an object, which may be there as its text; does nothing for every other value.
  func withObject(_ value: borrowing JSONValue, _ body: (borrowing JSONValue) -> Void) {
    guard value.isString else { return body(value) }
    let bytes = value.utf8
    unsafe bytes.withUnsafeBytes { bytes in
      do throws(JSONError) {
        try unsafe checkingParser.withDocument(bytes, padded: false) { root in body(root) }
      } catch {
        // Text that is no object.
      }
    }
  }

  // MARK: - One level

  /// Parses a document with the next parser and looks at what it is.
  func unwrap(
    json text: UnsafeRawBufferPointer,
    padded: Bool,
    into sink: inout some EventSink
  ) -> Outcome {
    guard documents < parsers.count else { return unsafe refuse(text, into: &sink) }
    let parser = parsers[documents]
    documents += 1
    defer { documents -= 1 }
    do throws(JSONError) {
      return try unsafe parser.withDocument(text, padded: padded) { root in unwrap(root, into: &sink) }
    } catch {
      return .notJSON(error)
    }
  }

  private func unwrap(_ value: borrowing JSONValue, into sink: inout some EventSink) -> Outcome {
    if value.isObject {
      guard StandardEvent.isEvent(value) else { return table.unwrap(value, with: self, into: &sink) }
      guard isFromElasticsearch, RestoredNames.areNeeded(in: value) else {
        sink.receive(event: value)
        return .events
      }
      return deliver(event: RestoredNames.event(value), into: &sink)
    }
    if value.isArray {
      var pieces = PieceTally()
      pieces.add(elementsOf: value, with: self, into: &sink)
      return pieces.outcome(into: &sink)
    }
    return value.isString ? unwrap(inner: value, into: &sink) : .other
  }

  private func parse(_ text: [UInt8], _ body: (borrowing JSONValue) -> Void) -> JSONError? {
    guard documents < parsers.count else { return .tooDeep(limitLevels: AuditLogLimits.wrappersMax) }
    do throws(JSONError) {
      try parsers[documents].withDocument(text, body)
      return nil
    } catch {
      return error
    }
  }
}
