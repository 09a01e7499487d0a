// Events on their way to a collector, as one body.

internal import Evaluation
internal import JSONDocument
internal import RiskLedger

/// Events in the order in which they are to be delivered.
struct CollectorBatch {
  /// One event, as it goes out.
  struct Item {
    /// Names it where it is refused.
    let id: String
    let bytes: [UInt8]
    /// Writes it without index-time fields; nil where it has none.
    var bare: (() -> [UInt8])?
  }

  let items: ArraySlice<Item>

  /// Writes events out, those that are sent at all, up to the size of a request.
  ///
  /// - Returns: the batch, and the last event that it covers; those behind are for the next.
  static func make(
    _ events: ArraySlice<OutgoingRiskEvent>,
    _ metadata: CollectorMetadata
  ) -> (batch: CollectorBatch, last: Int64)? {
    guard var last = events.first?.sequence else { return nil }
    var items: [Item] = []
    var size = 0
    for event in events {
      if metadata.sends(event.recorded) {
        let bytes = Self.bytes(event, metadata, withFields: true)
        guard items.isEmpty || size + bytes.count <= CollectorLimits.batchBytesMax else { break }
        size += bytes.count
        let bare = { Self.bytes(event, metadata, withFields: false) }
        items.append(Item(id: event.recorded.event.id, bytes: bytes, bare: bare))
      }
      last = event.sequence
    }
    return (CollectorBatch(items: items[...]), last)
  }

  private static func bytes(_ event: OutgoingRiskEvent, _ metadata: CollectorMetadata, withFields: Bool) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 2_048)
    metadata.write(event.recorded, withFields: withFields, to: &writer)
    writer.newline()
    return writer.bytes
  }

  var isEmpty: Bool { items.isEmpty }
  var count: Int { items.count }

  /// JSON objects, one behind the other.
  var body: [UInt8] { items.flatMap(\.bytes) }

  /// What is to be sent again when the events before a place were taken, and that one never will be.
  func after(_ place: Int) -> CollectorBatch { CollectorBatch(items: items.dropFirst(place + 1)) }

  /// As above, with the event at the place once more, without its index-time fields; nil where it has none.
  func withoutFields(at place: Int) -> CollectorBatch? {
    var rest = items.dropFirst(place)
    guard let first = rest.first, let bare = first.bare else { return nil }
    rest[rest.startIndex] = Item(id: first.id, bytes: bare())
    return CollectorBatch(items: rest)
  }

  /// The two halves.
  var halves: (CollectorBatch, CollectorBatch) {
    let half = items.count / 2
    return (CollectorBatch(items: items.prefix(half)), CollectorBatch(items: items.dropFirst(half)))
  }

  /// Names the event at a place.
  func id(at place: Int) -> String { items[items.startIndex + place].id }
}
