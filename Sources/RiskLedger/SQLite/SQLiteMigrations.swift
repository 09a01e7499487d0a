// The schema of the SQLite ledger, as the steps that lead to it.

/// The steps from an empty file to the present schema.
///
/// Step *n* takes a ledger from version *n* − 1 to *n*; the version is SQLite's `user_version`. Steps are only ever
/// added: the text of each is kept in Tests/Fixtures/ledger, and a test compares.
package enum SQLiteMigrations {
  /// "HFNC" as a big-endian integer; it marks the file as ours (SQLite's `application_id`).
  package static let applicationID: Int64 = 0x4846_4E43

  /// All steps in order.
  package static let all: [String] = [riskEvents, rootActors]

  /// Version 1.
  ///
  /// `sequence` is the order of recording, for exporters that go on where they stopped. `object_key` names the object
  /// as the counting rule does. Columns repeat what queries need, `introduced` whether it may be a parent; `event` is the
  /// whole event as JSON.
  private static let riskEvents = """
    CREATE TABLE risk_event (
      sequence INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      time_us INTEGER NOT NULL,
      risk_object TEXT NOT NULL,
      risk_object_type TEXT NOT NULL,
      risk_score INTEGER NOT NULL,
      threat_object TEXT,
      decision TEXT NOT NULL,
      introduced INTEGER NOT NULL CHECK (introduced IN (0, 1)),
      counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
      namespace TEXT NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      object_uid TEXT NOT NULL,
      object_key TEXT NOT NULL,
      pointer TEXT NOT NULL,
      request_uid TEXT NOT NULL,
      event TEXT NOT NULL
    ) STRICT;
    CREATE INDEX risk_event_counted ON risk_event (risk_object, object_key, pointer, time_us) WHERE counted = 1;
    CREATE INDEX risk_event_time ON risk_event (time_us, id);
    CREATE INDEX risk_event_object_time ON risk_event (risk_object, time_us, id);
    """

  /// Version 2.
  ///
  /// `sequence` is never used twice, not even when the last events were deleted. `owner_key` and `owner_name_key` name
  /// the object that a controller derived the event's object from; `parent_event` is the event that it is derived from
  /// by that, `root_event` the first of these, and `risk_object` who is charged. `export_position` is how far each exporter
  /// is, and who exports under its name until when.
  private static let rootActors = """
    CREATE TABLE risk_event_2 (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      time_us INTEGER NOT NULL,
      requester TEXT NOT NULL,
      risk_object TEXT NOT NULL,
      risk_object_type TEXT NOT NULL,
      risk_score INTEGER NOT NULL,
      threat_object TEXT,
      decision TEXT NOT NULL,
      introduced INTEGER NOT NULL CHECK (introduced IN (0, 1)),
      counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
      namespace TEXT NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      object_uid TEXT NOT NULL,
      object_key TEXT NOT NULL,
      pointer TEXT NOT NULL,
      request_uid TEXT NOT NULL,
      owner_key TEXT,
      owner_name_key TEXT,
      parent_event TEXT,
      root_event TEXT,
      event TEXT NOT NULL
    ) STRICT;
    INSERT INTO risk_event_2 (
      sequence, id, time_us, requester, risk_object, risk_object_type, risk_score, threat_object, decision, introduced,
      counted, namespace, kind, name, object_uid, object_key, pointer, request_uid, event
    )
    SELECT
      sequence, id, time_us, risk_object, risk_object, risk_object_type, risk_score, threat_object, decision, introduced, counted,
      namespace, kind, name, object_uid, object_key, pointer, request_uid, event
    FROM risk_event;
    DROP TABLE risk_event;
    ALTER TABLE risk_event_2 RENAME TO risk_event;
    CREATE INDEX risk_event_counted ON risk_event (risk_object, object_key, pointer, time_us) WHERE counted = 1;
    CREATE INDEX risk_event_charged ON risk_event (
      time_us, risk_object, risk_object_type, risk_score, id, counted
    ) WHERE counted = 1;
    CREATE INDEX risk_event_time ON risk_event (
      time_us, id, risk_object, risk_object_type, namespace, decision, counted, risk_score
    );
    CREATE INDEX risk_event_object_time ON risk_event (risk_object, time_us, id, namespace, counted);
    CREATE INDEX risk_event_introduced ON risk_event (object_key, time_us, id) WHERE introduced = 1;
    CREATE INDEX risk_event_owner ON risk_event (owner_key) WHERE owner_key IS NOT NULL;
    CREATE INDEX risk_event_owner_name ON risk_event (owner_name_key) WHERE owner_name_key IS NOT NULL;
    CREATE INDEX risk_event_parent ON risk_event (parent_event) WHERE parent_event IS NOT NULL;
    CREATE TABLE export_position (
      name TEXT NOT NULL PRIMARY KEY,
      delivered INTEGER NOT NULL,
      holder TEXT NOT NULL,
      held_until_us INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE forwarded_log (
      name TEXT NOT NULL PRIMARY KEY,
      bytes INTEGER NOT NULL
    ) STRICT;
    """
}
