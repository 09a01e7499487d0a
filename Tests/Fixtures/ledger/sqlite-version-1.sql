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
