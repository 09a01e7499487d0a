// The statements on the table of risk events, in the SQL that SQLite and PostgreSQL share.

internal import Digest
internal import Evaluation
internal import JSONDocument

/// Statements and their values.
enum RiskEventSQL {
  /// What is read of an event.
  static let columns = "id, risk_object, root_event, counted, event"

  /// The last event that was recorded; 0 for none.
  static let lastSequence = "SELECT COALESCE(MAX(sequence), 0) FROM risk_event"

  /// An event by its id.
  static let find = "SELECT \(columns) FROM risk_event WHERE id = $1"

  /// Microseconds by which a clock may be behind that of another server: an owner is always stored before what is
  /// derived from it.
  private static let clockSkewMicroseconds: Int64 = 5_000_000

  /// Keeps an event: one statement decides whether it is new, who is charged and whether it counts.
  ///
  /// It is correct because nobody else writes meanwhile.
  static func insertion(of event: RiskEvent) -> SQLCall {
    guard let owner = CountingRule.ownerKeys(event) else { return SQLCall(sql: insert, values: values(event)) }
    let search: [SQLValue] = [
      key(owner.uid), key(owner.name), .integer(event.time.microseconds + clockSkewMicroseconds),
      event.rootEvent.map(key) ?? .null, key(event.riskObject),
    ]
    return SQLCall(sql: insertDerived, values: values(event) + search)
  }

  private static let target = """
    INSERT INTO risk_event (
      id, time_us, requester, risk_object_type, risk_score, threat_object, decision, introduced, namespace, kind, name,
      object_uid, object_key, pointer, request_uid, event, risk_object, counted, owner_key, owner_name_key, parent_event,
      root_event
    )
    """

  private static let given = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16"

  /// Whether the same attachment has not counted shortly before or after.
  private static let isFirst = """
    NOT EXISTS (
      SELECT 1 FROM risk_event
      WHERE risk_object = $3 AND object_key = $13 AND pointer = $14 AND counted = 1 AND time_us > $18 AND time_us < $19
    )
    """

  private static let outcome = "ON CONFLICT (id) DO NOTHING RETURNING risk_object, root_event, counted, sequence"

  /// An event of the requester's own.
  private static let insert = """
    \(target)
    VALUES (\(given), $3, CASE WHEN $17 = 1 AND \(isFirst) THEN 1 ELSE 0 END, NULL, NULL, NULL, NULL)
    \(outcome)
    """

  /// An event of an object that was derived from another, whose events are looked for; its uid is surer than its name.
  ///
  /// Where they tell no root, that which the event came with stands.
  private static let insertDerived = """
    \(target)
    SELECT
      \(given), COALESCE(parent.root_object, $24),
      CASE WHEN $17 = 1 AND parent.root_event IS NULL AND \(isFirst) THEN 1 ELSE 0 END,
      $20, $21, parent.id, COALESCE(parent.root_event, $23)
    FROM (SELECT 1 AS one) AS one
    LEFT JOIN (
      SELECT
        id,
        CASE WHEN owner_key IS NULL THEN id ELSE root_event END AS root_event,
        CASE WHEN owner_key IS NULL OR root_event IS NOT NULL THEN risk_object END AS root_object
      FROM (
        SELECT 1 AS is_by_uid, by_uid.* FROM (\(lastIntroduced("$20"))) AS by_uid
        UNION ALL
        SELECT 0 AS is_by_uid, by_name.* FROM (\(lastIntroduced("$21"))) AS by_name
      ) AS candidate
      ORDER BY is_by_uid DESC, time_us DESC, id DESC
      LIMIT 1
    ) AS parent ON 1 = 1
    WHERE 1 = 1
    \(outcome)
    """

  /// The last event that put an attachment into an object, as far as it was stored; each by itself, as an index then has
  /// it at hand.
  private static func lastIntroduced(_ objectKey: String) -> String {
    """
    SELECT id, time_us, owner_key, root_event, risk_object FROM risk_event
    WHERE introduced = 1 AND object_key = \(objectKey) AND time_us <= $22 ORDER BY time_us DESC, id DESC LIMIT 1
    """
  }

  /// A text as it is stored in indexed columns: long ones are cut and get a digest, as requesters choose their length.
  static func key(_ text: String) -> SQLValue { .text(keyText(text)) }

  /// The id by which the database has an event.
  static func storedID(_ event: RiskEvent) -> String { keyText(event.id) }

  /// A text as `key` stores it; of a text that was stored already it is the text.
  static func keyText(_ text: String) -> String {
    guard storedBytes(of: text) > LedgerLimits.keyBytesMax else { return text }
    let digest = SHA256Digest.hexadecimal(of: text.utf8.span)
    let beginning = text.unicodeScalars.prefix((LedgerLimits.keyBytesMax - digest.utf8.count) / 4)
    return "\(String(beginning))\(digest)"
  }

  /// Bytes that a text takes in a database; see `PostgreSQLText`.
  private static func storedBytes(of text: String) -> Int {
    let count = text.utf8.count
    // Nearly all texts are much shorter, and the longest need no second look.
    guard (LedgerLimits.keyBytesMax / 2..<LedgerLimits.keyBytesMax).contains(count - 1) else { return count }
    return text.utf8.reduce(count) { $0 + ($1 == 0 || $1 == UInt8(ascii: "\\") ? 1 : 0) }
  }

  /// The values that both insertions have.
  private static func values(_ event: RiskEvent) -> [SQLValue] {
    var json = JSONWriter(capacityBytes: 1_024)
    event.kept.write(to: &json)
    let window = event.deduplicationSeconds
    return [
      key(event.id), .integer(event.time.microseconds), key(event.requester), key(event.riskObjectType),
      SQLValue(event.riskScore), SQLValue(event.threatObject), .text(event.decision.rawValue),
      // The column serves the search for parents.
      SQLValue(event.mayBeParent), key(event.namespace), .text(event.groupVersionKind.kind), .text(event.name),
      .text(event.objectUID), key(CountingRule.objectKey(event)), key(event.attachment.pointer),
      .text(event.requestUID), .utf8(json.bytes), SQLValue(CountingRule.isEligible(event)),
      .integer(event.time.adding(seconds: -window).microseconds),
      .integer(event.time.adding(seconds: window).microseconds),
    ]
  }

  /// Makes an event the parent of those whose owner it is about, unless they have one that came later, or one by uid where
  /// this one goes by name.
  ///
  /// A parent's key is one of the two that its child has for the owner, so the same key is the same way to know it.
  static let adopt = """
    UPDATE risk_event SET parent_event = $1
    WHERE (owner_key = $2 OR owner_name_key = $2) AND time_us >= $3 AND id <> $1 AND NOT EXISTS (
      SELECT 1 FROM risk_event AS parent
      WHERE parent.id = risk_event.parent_event AND (
        (parent.object_key = $2 AND (parent.time_us > $4 OR (parent.time_us = $4 AND parent.id >= $1)))
        OR (parent.object_key <> $2 AND parent.object_key = risk_event.owner_key)
      )
    )
    RETURNING id
    """

  /// The values of `adopt`.
  static func adoption(by event: RiskEvent) -> [SQLValue] {
    [
      key(event.id), key(CountingRule.objectKey(event)),
      .integer(event.time.microseconds - clockSkewMicroseconds), .integer(event.time.microseconds),
    ]
  }

  /// Charges the risk object $3 of the root event $2 for what has the parent $1.
  static let chargeRoot = """
    UPDATE risk_event SET root_event = $2, risk_object = $3, counted = 0 WHERE parent_event = $1 RETURNING \(charged)
    """

  /// What has the parent $1 and a root event.
  static let childrenWithRoot = "SELECT \(columns) FROM risk_event WHERE parent_event = $1 AND root_event IS NOT NULL"

  /// Charges the risk object $3 of the root event $2 for the event $1, or its requester where both are NULL.
  static let chargeAnew = """
    UPDATE risk_event SET root_event = $2, risk_object = COALESCE($3, requester) WHERE id = $1 RETURNING \(charged)
    """

  private static let charged = "id, risk_object, root_event, counted, kind"
}
