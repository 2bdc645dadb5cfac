-- Exits that wait for their entries, and when the next look at each is due though nothing is heard of its user. Written by the stage's
-- effects, claimed by the alarm. The documents say what waits: a row here only makes sure that somebody looks.
CREATE TABLE held_exits (
  user_id         text        NOT NULL,
  parent_order_id text        NOT NULL,
  signal_id       text        NOT NULL,
  held_at         timestamptz NOT NULL,
  due_at          timestamptz NOT NULL,
  PRIMARY KEY (user_id, parent_order_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX held_exits_due ON held_exits (due_at) WHERE due_at < 'infinity';
