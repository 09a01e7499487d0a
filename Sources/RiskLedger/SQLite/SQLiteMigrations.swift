// The schema of the SQLite ledger, as the steps that lead to it.

/// The steps from an empty file to the present schema.
///
/// Step *n* takes a ledger from version *n* − 1 to *n*; the version is SQLite's `user_version`. Steps are only ever
/// added: the text of each is kept in Tests/Fixtures/ledger, and a test compares.
package enum SQLiteMigrations {
  /// "HFNC" as a big-endian integer; it marks the file as ours (SQLite's `application_id`).
  package static let applicationID: Int64 = 0x4846_4E43

  /// All steps in order.
  package static let all: [String] = [riskEvents]

  /// Version 1.
  ///
  /// `sequence` is the order of recording, for exporters that go on where they stopped. `object_key` names the object
  /// as the counting rule does. Columns repeat what queries need; `event` is the whole event as JSON.
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
}
