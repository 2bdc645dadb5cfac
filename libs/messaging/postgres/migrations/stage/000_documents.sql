-- A stage's memory: JSON texts by kind and key (libs/messaging/log/src/stage.ts). Text, not jsonb: it is read whole, by its owner alone.
CREATE TABLE documents (
  kind      text NOT NULL,
  key       text NOT NULL,
  partition int  NOT NULL,
  doc       text NOT NULL,
  PRIMARY KEY (kind, key)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
