-- requires role: switchyard_gateway

-- Accounts that follow a strategy: what their users' policies said last, written in the transaction that stores the policy. `follower` is
-- the JSON of libs/domain/signal/src/fan-out/follower.ts.
CREATE TABLE followers (
  strategy_id text NOT NULL,
  user_id     text NOT NULL,
  account_id  text NOT NULL,
  follower    text NOT NULL,
  PRIMARY KEY (strategy_id, account_id, user_id)
);
CREATE INDEX followers_by_user ON followers (user_id);

-- Pairs in which an account was sent an entry of a strategy: it is sent the exits of those, and of no other.
CREATE TABLE entered (
  strategy_id text NOT NULL,
  account_id  text NOT NULL,
  user_id     text NOT NULL,
  pair        text NOT NULL,
  PRIMARY KEY (strategy_id, account_id, user_id, pair)
);

-- Strategies' signals that are being copied: written by the decision, gone with the last page. One strategy's go one after the other.
CREATE TABLE fan_outs (
  fan_out     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  strategy_id text        NOT NULL,
  signal_id   text        NOT NULL,
  -- JSON of the decision: signal, price, seed of the order, cause (src/fan-out/fan-out.ts).
  decision    text        NOT NULL,
  -- NULL until the order is set: who follows at that moment is in, who comes later is out.
  subscribers int,
  -- How far it has come: every rank up to this one was copied or skipped.
  done        int         NOT NULL DEFAULT 0,
  pages       int         NOT NULL DEFAULT 0,
  -- Whose turn it is: the one that waits longest.
  touched_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts    int         NOT NULL DEFAULT 0,
  retry_at    timestamptz NOT NULL DEFAULT '-infinity',
  begun_at    timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 70, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0);
CREATE INDEX fan_outs_of_strategy ON fan_outs (strategy_id, fan_out);

-- The order of each.
CREATE TABLE fan_out_ranks (
  fan_out    bigint NOT NULL REFERENCES fan_outs ON DELETE CASCADE,
  rank       int    NOT NULL,
  user_id    text   NOT NULL,
  account_id text   NOT NULL,
  PRIMARY KEY (fan_out, rank)
) WITH (autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_scale_factor = 0);

-- The user or strategy of an identity key: `user|signal`, `strategy|id|signal`. Ids never hold a `|`.
CREATE FUNCTION owner_of(p_key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT split_part(p_key, '|', CASE WHEN split_part(p_key, '|', 3) = '' THEN 1 ELSE 2 END)
$$;

-- As before, but that strategies have keys, too.
CREATE OR REPLACE FUNCTION admit(
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
    FROM (SELECT DISTINCT owner_of(i.key) AS user_id, i.partition FROM unnest(p_keys, p_partitions) AS i (key, partition)) u
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
    WHERE v_refused = '{}' OR owner_of(i.key) <> ALL (v_refused)
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
