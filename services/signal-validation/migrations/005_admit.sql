-- requires role: switchyard_gateway

-- The door for REST: claims the ids of signals and appends their events, in one commit; after it the caller may answer 202.
--   p_keys, p_hashes: identity key and content hash of each signal (libs/domain/signal); p_partitions: of each signal's key
--   p_records: the framed events one after the other (libs/messaging/log/src/frame.ts); p_offsets, p_lengths: where each lies
-- Outcome of each, in the order given: `admitted` (first time), `same` (known, same content), `reused` (known, other content: nothing is done).
CREATE FUNCTION admit(
  p_keys text[], p_hashes text[], p_partitions int[], p_offsets int[], p_lengths int[], p_records bytea
) RETURNS TABLE (ordinal int, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = signal_validation, log AS $$
#variable_conflict use_column
DECLARE
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

  WITH item AS (
    SELECT i.key, i.hash, i.partition, i.ordinal::int AS ordinal
    FROM unnest(p_keys, p_hashes, p_partitions) WITH ORDINALITY AS i (key, hash, partition, ordinal)
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
    PERFORM log.append('signal-validation', v_partitions, array_fill('TradingSignalGenerated'::text, ARRAY[cardinality(v_partitions)]),
                       v_partitions, v_counts, v_offsets, v_lengths, v_records);
  END IF;

  RETURN QUERY
  SELECT i.ordinal::int,
         CASE WHEN i.ordinal = ANY (v_claimed) THEN 'admitted' WHEN d.doc::json ->> 'hash' = i.hash THEN 'same' ELSE 'reused' END
  FROM unnest(p_keys, p_hashes) WITH ORDINALITY AS i (key, hash, ordinal)
  JOIN documents d ON d.kind = 'identity' AND d.key = i.key
  ORDER BY i.ordinal;
END $$;

-- What is remembered of an id, for the moment between the 202 and the journal's row.
CREATE FUNCTION identity_of(p_key text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = signal_validation AS $$
  SELECT doc FROM documents WHERE kind = 'identity' AND key = p_key
$$;

REVOKE ALL ON FUNCTION admit(text[], text[], int[], int[], int[], bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_of(text) FROM PUBLIC;
GRANT USAGE ON SCHEMA signal_validation TO switchyard_gateway;
GRANT EXECUTE ON FUNCTION admit(text[], text[], int[], int[], int[], bytea), identity_of(text) TO switchyard_gateway;
