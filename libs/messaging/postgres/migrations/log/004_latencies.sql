-- What each process measured of its stages, a row a stretch (a minute), for an hour: any process may ask for all of them together.
-- `stages` holds a sketch a stage (libs/platform/observability/src/latency-sketch.ts); sketches of one `layout` can be added.
CREATE TABLE latencies (
  instance    text        NOT NULL,
  started_at  timestamptz NOT NULL,
  window_from timestamptz NOT NULL,
  window_to   timestamptz NOT NULL,
  layout      int         NOT NULL,
  stages      json        NOT NULL,
  PRIMARY KEY (window_from, instance, started_at)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON latencies TO PUBLIC;
