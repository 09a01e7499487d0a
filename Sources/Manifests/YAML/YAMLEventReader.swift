// The owner of a libyaml parser: the only file that touches its pointers.

internal import CYAML
internal import Glibc

/// Reads the events of a YAML stream one after the other.
///
/// It keeps its own copy of the text, because libyaml reads it lazily through a raw pointer.
@safe
struct YAMLEventReader: ~Copyable {
  /// What an event is.
  enum Kind: Equatable {
    case streamStart, streamEnd, documentStart, documentEnd
    case alias, scalar, sequenceStart, sequenceEnd, mappingStart, mappingEnd

    /// How many levels deeper the text is behind the event.
    var levelChange: Int {
      switch self {
      case .sequenceStart, .mappingStart: 1
      case .sequenceEnd, .mappingEnd: -1
      case .streamStart, .streamEnd, .documentStart, .documentEnd, .alias, .scalar: 0
      }
    }
  }

  /// A place as libyaml counts: all from 0, in characters; a byte order mark is not counted.
  struct Mark {
    let character: Int
    let line: Int
    let column: Int
  }

  /// Why libyaml gave up, in its own words.
  struct Failure: Error {
    let problem: String
    let mark: Mark
    let context: String
    let contextMark: Mark?
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let event: UnsafeMutablePointer<yaml_event_t>
  private let text: UnsafeMutableBufferPointer<UInt8>

  /// A reader on a copy of the bytes.
  init(_ bytes: ArraySlice<UInt8>) {
    unsafe text = .allocate(capacity: max(1, bytes.count))
    _ = unsafe text.initialize(from: bytes)
    unsafe parser = .allocate(capacity: 1)
    unsafe event = .allocate(capacity: 1)
    unsafe event.initialize(to: yaml_event_t())
    unsafe parser.initialize(to: yaml_parser_t())
    precondition(unsafe yaml_parser_initialize(parser) == 1, "no memory for a YAML parser")
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
  }

  deinit {
    unsafe yaml_event_delete(event)
    unsafe yaml_parser_delete(parser)
    unsafe event.deallocate()
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// Moves to the next event and says what it is.
  ///
  /// After a failure, or the end of the stream, it must not be called again.
  mutating func next() throws(Failure) -> Kind {
    unsafe yaml_event_delete(event)
    guard unsafe yaml_parser_parse(parser, event) == 1 else { throw failure() }
    switch unsafe event.pointee.type {
    case YAML_SCALAR_EVENT: return .scalar
    case YAML_MAPPING_START_EVENT: return .mappingStart
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_SEQUENCE_START_EVENT: return .sequenceStart
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_ALIAS_EVENT: return .alias
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_STREAM_START_EVENT: return .streamStart
    default: return .streamEnd
    }
  }

  /// Where the current event begins; for a scalar or a collection that is where its anchor or tag begins.
  var start: Mark { unsafe Self.mark(event.pointee.start_mark) }

  /// Where the current event ends.
  var end: Mark { unsafe Self.mark(event.pointee.end_mark) }

  /// The text of the current scalar event, in UTF-8.
  var scalar: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let buffer = unsafe UnsafeBufferPointer(start: hf_yaml_scalar_text(event), count: hf_yaml_scalar_length(event))
      return unsafe _overrideLifetime(Span(_unsafeElements: buffer), borrowing: self)
    }
  }

  /// Whether the current scalar event is plain, neither quoted nor a block.
  var isPlain: Bool { unsafe hf_yaml_scalar_is_plain(event) != 0 }

  /// The tag of the current scalar event; nil for none.
  var tag: String? {
    guard let tag = unsafe hf_yaml_scalar_tag(event) else { return nil }
    return unsafe String(cString: tag)
  }

  /// The anchor that the current event carries or, for an alias, names.
  var anchor: String? {
    guard let anchor = unsafe hf_yaml_anchor(event) else { return nil }
    return unsafe String(cString: anchor)
  }

  /// Whether the current event carries an anchor.
  var hasAnchor: Bool { unsafe hf_yaml_anchor(event) != nil }

  /// Whether the current mapping start is in flow style.
  var isFlowMapping: Bool { unsafe hf_yaml_mapping_is_flow(event) != 0 }

  /// Whether the current document end is not written as `...`.
  var isImplicitDocumentEnd: Bool { unsafe hf_yaml_document_end_is_implicit(event) != 0 }

  private func failure() -> Failure {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
    let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
    if unsafe parser.pointee.error == YAML_MEMORY_ERROR {
      return Failure(
        problem: "memory is exhausted",
        mark: unsafe Self.mark(parser.pointee.mark),
        context: "",
        contextMark: nil
      )
    }
    return Failure(
      problem: problem ?? "the text cannot be read",
      mark: unsafe Self.mark(parser.pointee.problem_mark),
      context: context ?? "",
      contextMark: context == nil ? nil : unsafe Self.mark(parser.pointee.context_mark)
    )
  }

  private static func mark(_ mark: yaml_mark_t) -> Mark {
    Mark(character: mark.index, line: mark.line, column: mark.column)
  }
}
