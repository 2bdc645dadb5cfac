-- requires role: switchyard_gateway

-- What the REST door took in and nobody has decided yet: one row a call and partition, gone once all of its signals are decided. Small and
-- short-lived, so it is vacuumed by count.
CREATE TABLE admissions (
  partition      int         NOT NULL,
  -- Where the events lie: log.batches by topic, partition, source and first number.
  source         text        NOT NULL,
  batch          bigint      NOT NULL,
  first_sequence bigint      NOT NULL,
  last_sequence  bigint      NOT NULL,
  -- Identity keys, in the order of the events.
  keys           text[]      NOT NULL,
  admitted_at    timestamptz NOT NULL DEFAULT now(),
  -- When it was looked at last, and how often its events were appended again.
  seen_at        timestamptz NOT NULL DEFAULT now(),
  tries          int         NOT NULL DEFAULT 0
) WITH (fillfactor = 80, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0, autovacuum_analyze_scale_factor = 0.5);
CREATE INDEX admissions_due ON admissions (seen_at);

DROP FUNCTION admit(text[], text[], int[], int[], int[], bytea);

-- The door for REST: claims the ids of signals and appends their events, in one commit; after it the caller may answer 202.
--   p_keys, p_hashes: identity key and content hash of each signal (libs/domain/signal); p_partitions: of each signal's key
--   p_records: the framed events one after the other (libs/messaging/log/src/frame.ts); p_offsets, p_lengths: where each lies
--   p_max_parked: a user with so many events parked where every signal must pass is refused; NULL: nobody is
-- Outcome of each, in the order given: `admitted` (first time), `same` (known, same content), `reused` (known, other content: nothing is
-- done), `parked` (not known, and its user's events wait for an operator: nothing is done).
CREATE FUNCTION admit(
  p_keys text[], p_hashes text[], p_partitions int[], p_offsets int[], p_lengths int[], p_records bytea, p_max_parked int DEFAULT NULL
) RETURNS TABLE (ordinal int, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = signal_validation, log AS $$
#variable_conflict use_column
DECLARE
  v_refused    text[] := '{}';
  v_claimed    int[];
  v_partitions int[];
  v_counts     int[];
  v_offsets    int[];
  v_lengths    int[];
  v_records    bytea;
BEGIN
  -- The stage holds these locks while it decides: what it loads and what is claimed here can't cross.
  PERFORM 1 FROM log.shards s
  WHERE s.deployment = 'signal-validation' AND s.partition = ANY (p_partitions) ORDER BY s.partition FOR UPDATE;

  -- Mostly nothing is parked, and this costs nothing.
  IF p_max_parked IS NOT NULL AND EXISTS (SELECT FROM log.parked_keys) THEN
    SELECT coalesce(array_agg(DISTINCT u.user_id), '{}') INTO v_refused
    FROM (SELECT DISTINCT split_part(i.key, '|', 1) AS user_id, i.partition FROM unnest(p_keys, p_partitions) AS i (key, partition)) u
    JOIN log.parked_keys k ON k.key = u.user_id AND k.partition = u.partition
    WHERE k.group_name IN ('signal-validation', 'risk', 'routing') AND p_max_parked <= (
      SELECT count(*) FROM (
        SELECT FROM log.parked_events e
        WHERE e.group_name = k.group_name AND e.partition = k.partition AND e.key = k.key LIMIT p_max_parked
      ) waiting
    );
  END IF;

  WITH item AS (
    SELECT i.key, i.hash, i.partition, i.ordinal::int AS ordinal
    FROM unnest(p_keys, p_hashes, p_partitions) WITH ORDINALITY AS i (key, hash, partition, ordinal)
    WHERE v_refused = '{}' OR split_part(i.key, '|', 1) <> ALL (v_refused)
  ), first AS (
    SELECT DISTINCT ON (item.key) item.key, item.hash, item.partition, item.ordinal FROM item ORDER BY item.key, item.ordinal
  ), claimed AS (
    INSERT INTO documents (kind, key, partition, doc)
    SELECT 'identity', first.key, first.partition, json_build_object('status', 'admitted', 'hash', first.hash)::text FROM first
    ON CONFLICT (kind, key) DO NOTHING
    RETURNING key
  )
  SELECT coalesce(array_agg(first.ordinal), '{}') INTO v_claimed FROM first JOIN claimed ON claimed.key = first.key;

  SELECT array_agg(g.partition ORDER BY g.partition), array_agg(g.count ORDER BY g.partition),
         array_agg(g.at ORDER BY g.partition), array_agg(g.length ORDER BY g.partition), string_agg(g.records, ''::bytea ORDER BY g.partition)
  INTO v_partitions, v_counts, v_offsets, v_lengths, v_records
  FROM (
    SELECT i.partition, count(*)::int AS count, sum(i.length)::int AS length,
           (sum(sum(i.length)) OVER (ORDER BY i.partition) - sum(i.length))::int AS at,
           string_agg(substring(p_records FROM i.at + 1 FOR i.length), ''::bytea ORDER BY i.ordinal) AS records
    FROM unnest(p_partitions, p_offsets, p_lengths) WITH ORDINALITY AS i (partition, at, length, ordinal)
    WHERE i.ordinal = ANY (v_claimed)
    GROUP BY i.partition
  ) g;

  IF v_partitions IS NOT NULL THEN
    INSERT INTO admissions (partition, source, batch, first_sequence, last_sequence, keys)
    SELECT a.partition, a.source, a.batch, a.first_sequence, a.first_sequence + cardinality(k.keys) - 1, k.keys
    FROM log.append('signal-validation', v_partitions, array_fill('TradingSignalGenerated'::text, ARRAY[cardinality(v_partitions)]),
                    v_partitions, v_counts, v_offsets, v_lengths, v_records) a
    JOIN (
      SELECT i.partition, array_agg(i.key ORDER BY i.ordinal) AS keys
      FROM unnest(p_keys, p_partitions) WITH ORDINALITY AS i (key, partition, ordinal)
      WHERE i.ordinal = ANY (v_claimed)
      GROUP BY i.partition
    ) k ON k.partition = a.partition;
  END IF;

  RETURN QUERY
  SELECT i.ordinal::int,
         CASE WHEN i.ordinal = ANY (v_claimed) THEN 'admitted'
              WHEN d.doc IS NULL THEN 'parked'
              WHEN d.doc::json ->> 'hash' = i.hash THEN 'same'
              ELSE 'reused' END
  FROM unnest(p_keys, p_hashes) WITH ORDINALITY AS i (key, hash, ordinal)
  LEFT JOIN documents d ON d.kind = 'identity' AND d.key = i.key
  ORDER BY i.ordinal;
END $$;

REVOKE ALL ON FUNCTION admit(text[], text[], int[], int[], int[], bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit(text[], text[], int[], int[], int[], bytea, int) TO switchyard_gateway;
