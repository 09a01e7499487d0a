// The table of risk events: what is kept, who is charged, and what is read back.

internal import Evaluation
internal import JSONDocument

/// Keeps risk events in a database, and follows owners to whoever is to be charged.
///
/// An event of an object that a controller derived from another names that other (`owner`). Its *parent* is the last
/// event that put an attachment into the owner; the parent's parent and so on lead to the *root event*, whose requester
/// is charged. Events come in any order: one that comes late is made the parent of those that waited for it.
struct RiskEventTable<Connection: SQLConnection> {
  let connection: Connection
  private let parser = JSONParser()

  init(_ connection: Connection) { self.connection = connection }

  // MARK: - Writing

  /// The statements that keep events, one each.
  ///
  /// Of many events this takes a while, in which nobody has to wait for a transaction.
  func insertions(of events: [RiskEvent]) throws(LedgerError) -> [SQLCall] {
    for event in events where !LedgerLimits.timeMicroseconds.contains(event.time.microseconds) {
      throw .unrecordableEvent(id: event.id, reason: "its time is not within the years 0000 to 9999")
    }
    return events.map(RiskEventSQL.insertion)
  }

  /// Keeps events by their insertions, to be called in a transaction; see `RiskLedger.append`.
  func append(_ events: [RiskEvent], _ insertions: [SQLCall]) throws(LedgerError) -> [RecordedRiskEvent] {
    var batch = Batch(events)
    try connection.run(insertions) { place, row throws(LedgerError) in
      batch.note(place, Charge(row, firstColumn: 0))
    }
    try adopt(&batch)
    let known = events.indices.filter { batch.recorded[$0] == nil }
    try connection.run(RiskEventSQL.find, known.map { [RiskEventSQL.key(events[$0].id)] }) {
      place,
      row throws(LedgerError) in
      batch.recorded[known[place]] = try recorded(row)
    }
    var all: [RecordedRiskEvent] = []
    all.reserveCapacity(events.count)
    for (event, recorded) in zip(events, batch.recorded) {
      guard let recorded else { throw .unreadableEvent(id: event.id, store: connection.store) }
      all.append(recorded)
    }
    return all
  }

  /// Who is charged for an event, and whether.
  private struct Charge {
    let riskObject: String
    let rootEvent: String?
    let counted: Bool

    /// Reads the columns `risk_object, root_event, counted`.
    init(_ row: borrowing some SQLRow, firstColumn: Int) {
      riskObject = row.text(at: firstColumn) ?? ""
      rootEvent = row.text(at: firstColumn + 1)
      counted = row.integer(at: firstColumn + 2) == 1
    }
  }

  /// Events on their way in, and what became of them.
  private struct Batch {
    let events: [RiskEvent]
    /// Nil for what was there before.
    var recorded: [RecordedRiskEvent?]
    /// By the ids that the database has.
    private var places: [String: Int] = [:]

    init(_ events: [RiskEvent]) {
      self.events = events
      recorded = Array(repeating: nil, count: events.count)
    }

    /// Notes an event that is new.
    mutating func note(_ place: Int, _ charge: Charge) {
      var event = events[place]
      if charge.rootEvent != event.rootEvent { event.charge(charge.riskObject, rootEvent: charge.rootEvent) }
      recorded[place] = RecordedRiskEvent(event: event, counted: charge.counted)
      places[RiskEventSQL.storedID(event)] = place
    }

    /// Notes another charge of an event, if it is of the batch.
    mutating func note(id: String, _ charge: Charge) {
      if let place = places[id] { note(place, charge) }
    }

    /// New events that others may have waited for.
    var parents: [Int] {
      events.indices.filter {
        recorded[$0] != nil && events[$0].mayBeParent && events[$0].groupVersionKind.kind != childless
      }
    }
  }

  /// Makes new events the parents of those that waited for them, and charges whoever is at the top.
  private func adopt(_ batch: inout Batch) throws(LedgerError) {
    let parents = batch.parents
    guard !parents.isEmpty else { return }
    var adopting: Set<Int> = []
    try connection.run(RiskEventSQL.adopt, parents.map { RiskEventSQL.adoption(by: batch.events[$0]) }) {
      place,
      _ throws(LedgerError) in
      adopting.insert(parents[place])
    }
    // Rare: only logs come out of order. What one tells its descendants the next may have to tell on.
    for place in adopting.sorted() {
      if let parent = batch.recorded[place]?.event { try charge(descendantsOf: parent, in: &batch) }
    }
  }

  /// Charges whoever is charged for an event for all that descends from it, one generation after the other.
  private func charge(descendantsOf ancestor: RiskEvent, in batch: inout Batch) throws(LedgerError) {
    let isKnown = ancestor.rootActor != .unknown
    let root = SQLValue(isKnown ? ancestor.rootEvent ?? RiskEventSQL.storedID(ancestor) : nil)
    let riskObject = isKnown ? RiskEventSQL.key(ancestor.riskObject) : .null
    var generation = [RiskEventSQL.storedID(ancestor)]
    var seen = Set(generation)
    while !generation.isEmpty {
      var next: [String] = []
      try connection.run(RiskEventSQL.chargeRoot, generation.map { [.text($0), root, riskObject] }) { _, row in
        let id = row.text(at: 0) ?? ""
        batch.note(id: id, Charge(row, firstColumn: 1))
        // Owners in a circle come back to one that was seen.
        if row.text(at: 4) != Self.childless, seen.insert(id).inserted { next.append(id) }
      }
      generation = next
    }
  }

  /// The kind that owns nothing that makes pods.
  private static var childless: String { "Pod" }

  // MARK: - Reading

  /// Hands over the events that a query matches; see `RiskLedger.forEachEvent`.
  func forEachEvent(
    matching query: RiskEventQuery,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError) {
    try connection.forEachRow(RiskEventSelection(query).call) { row throws(LedgerError) in
      body(try recorded(row))
    }
  }

  /// Reads the columns of `RiskEventSQL.columns`.
  func recorded(_ row: borrowing Connection.Row) throws(LedgerError) -> RecordedRiskEvent {
    let charge = Charge(row, firstColumn: 1)
    let text = row.utf8(at: 4, spareBytes: JSONParser.paddingBytes)
    let parsed = try? parser.withDocument(text) { RiskEvent(json: $0) }
    guard var event = parsed else { throw .unreadableEvent(id: row.text(at: 0) ?? "", store: connection.store) }
    if let rootEvent = charge.rootEvent { event.charge(charge.riskObject, rootEvent: rootEvent) }
    return RecordedRiskEvent(event: event, counted: charge.counted)
  }
}
