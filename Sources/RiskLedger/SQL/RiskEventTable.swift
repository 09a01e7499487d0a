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
  private let parser = JSONParser(bytesMax: LedgerLimits.readEventBytesMax)

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
    var last: Int64 = 0
    // Nobody who follows the order of recording looks back, so an event in front of one that is there would be lost to them.
    try connection.run([SQLCall(sql: RiskEventSQL.lastSequence, values: [])] + insertions) {
      place,
      row throws(LedgerError) in
      guard place > 0 else { return last = row.integer(at: 0) }
      guard row.integer(at: 3) > last else { throw .outOfOrder(store: connection.store) }
      batch.note(place - 1, Charge(row, firstColumn: 0))
    }
    try adopt(&batch)
    let known = events.indices.filter { batch.recorded[$0] == nil }
    try connection.run(RiskEventSQL.find, known.map { [RiskEventSQL.key(events[$0].id)] }) {
      place,
      row throws(LedgerError) in
      batch.recorded[known[place]] = recorded(row, orFrom: events[known[place]])
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

    /// An event that is charged so.
    func applied(to event: RiskEvent) -> RiskEvent {
      var event = event
      if let rootEvent { event.charge(riskObject, rootEvent: rootEvent) }
      return event
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
      recorded[place] = RecordedRiskEvent(event: charge.applied(to: events[place].kept), counted: charge.counted)
      places[RiskEventSQL.storedID(events[place])] = place
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

  /// An event whose children are to be charged like it.
  private struct Ancestor {
    let id: String
    /// Nil where a controller made it for nobody knows whom.
    let root: Root?
  }

  /// A root event, and who is charged for it, as they are stored.
  private struct Root: Equatable {
    let event: String
    let riskObject: String

    init?(event: String?, riskObject: String) {
      guard let event else { return nil }
      (self.event, self.riskObject) = (RiskEventSQL.keyText(event), RiskEventSQL.keyText(riskObject))
    }
  }

  /// Charges whoever is charged for an event for all that descends from it, one generation after the other.
  private func charge(descendantsOf ancestor: RiskEvent, in batch: inout Batch) throws(LedgerError) {
    let id = RiskEventSQL.storedID(ancestor)
    let root = Root(event: ancestor.rootEvent ?? (ancestor.owner == nil ? id : nil), riskObject: ancestor.riskObject)
    var generation = [Ancestor(id: id, root: root)]
    var seen = Set([id])
    while !generation.isEmpty {
      var next: [Ancestor] = []
      let anew = try childrenToChargeAnew(generation.filter { $0.root == nil }.map(\.id))
      let known = generation.compactMap { parent in
        parent.root.map { [.text(parent.id), .text($0.event), .text($0.riskObject)] as [SQLValue] }
      }
      for (sql, values) in [(RiskEventSQL.chargeRoot, known), (RiskEventSQL.chargeAnew, anew)] {
        try connection.run(sql, values) { _, row in
          let id = row.text(at: 0) ?? ""
          let charge = Charge(row, firstColumn: 1)
          batch.note(id: id, charge)
          // Owners in a circle come back to one that was seen.
          if row.text(at: 4) != Self.childless, seen.insert(id).inserted {
            next.append(Ancestor(id: id, root: Root(event: charge.rootEvent, riskObject: charge.riskObject)))
          }
        }
      }
      generation = next
    }
  }

  /// The values of `RiskEventSQL.chargeAnew` for the children of events that know no root: they had one by another parent,
  /// and fall back to the one that they came with, if any.
  private func childrenToChargeAnew(_ parents: [String]) throws(LedgerError) -> [[SQLValue]] {
    var children: [[SQLValue]] = []
    try connection.run(RiskEventSQL.childrenWithRoot, parents.map { [.text($0)] }) { _, row in
      let charge = Charge(row, firstColumn: 1)
      // One that cannot be read stays as it is: who writes now has nothing to do with it.
      guard let event = try? asItCame(row) else { return }
      let given = Root(event: event.rootEvent, riskObject: event.riskObject)
      guard given != Root(event: charge.rootEvent, riskObject: charge.riskObject) else { return }
      children.append([
        row.text(at: 0).map(SQLValue.text) ?? .null, SQLValue(given?.event), SQLValue(given?.riskObject),
      ])
    }
    return children
  }

  /// The kind that owns nothing that makes pods.
  private static var childless: String { "Pod" }

  // MARK: - Reading

  /// Hands over the events that a query matches; see `RiskLedger.forEachEvent`.
  ///
  /// - Parameter unreadable: gets why an event cannot be read; the others follow unless it throws.
  func forEachEvent(
    matching query: RiskEventQuery,
    unreadable: (LedgerError) throws(LedgerError) -> Void,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError) {
    try connection.forEachRow(RiskEventSelection(query).call) { row throws(LedgerError) in
      let event: RecordedRiskEvent
      do throws(LedgerError) { event = try recorded(row) } catch {
        try unreadable(error)
        return true
      }
      return body(event)
    }
  }

  /// Reads the columns of `RiskEventSQL.columns` of an event that has come again, by whose own text it goes when what is
  /// stored cannot be read.
  private func recorded(_ row: borrowing Connection.Row, orFrom event: RiskEvent) -> RecordedRiskEvent {
    if let stored = try? recorded(row) { return stored }
    let charge = Charge(row, firstColumn: 1)
    var event = event.kept
    if charge.rootEvent != event.rootEvent { event.charge(charge.riskObject, rootEvent: charge.rootEvent) }
    return RecordedRiskEvent(event: event, counted: charge.counted)
  }

  /// Reads the columns of `RiskEventSQL.columns`.
  func recorded(_ row: borrowing Connection.Row) throws(LedgerError) -> RecordedRiskEvent {
    let charge = Charge(row, firstColumn: 1)
    return RecordedRiskEvent(event: charge.applied(to: try asItCame(row)), counted: charge.counted)
  }

  /// Reads the event of such a row, without what the table found out since.
  private func asItCame(_ row: borrowing Connection.Row) throws(LedgerError) -> RiskEvent {
    let text = row.utf8(at: 4, spareBytes: JSONParser.paddingBytes)
    let parsed = try? parser.withDocument(text) { RiskEvent(json: $0) }
    guard let parsed else { throw .unreadableEvent(id: row.text(at: 0) ?? "", store: connection.store) }
    return parsed
  }
}
