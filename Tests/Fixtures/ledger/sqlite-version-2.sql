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
