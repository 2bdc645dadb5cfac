-- The event log's tables, one set per database (docs/concepts/event-log.md).

-- One row a deployment and partition: who owns it, in which epoch, how far its outgoing batches are numbered and published.
CREATE TABLE shards (
  deployment        text   NOT NULL,
  partition         int    NOT NULL,
  owner             text,
  epoch             bigint NOT NULL DEFAULT 0,
  generation        int    NOT NULL DEFAULT 1,
  last_batch        bigint NOT NULL DEFAULT 0,
  published_through bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (deployment, partition)
) WITH (fillfactor = 50);

-- Who runs which group, for the Postgres log; Kafka has a coordinator of its own.
CREATE TABLE members (
  group_name text        NOT NULL,
  member     text        NOT NULL,
  seen_at    timestamptz NOT NULL,
  PRIMARY KEY (group_name, member)
) WITH (fillfactor = 50);

-- The last number of each source in each topic and partition.
CREATE TABLE heads (
  topic         text   NOT NULL,
  partition     int    NOT NULL,
  source        text   NOT NULL,
  last_sequence bigint NOT NULL,
  PRIMARY KEY (topic, partition, source)
) WITH (fillfactor = 50);

-- The events of one transaction for one topic and partition, framed as libs/messaging/log/src/frame.ts says.
CREATE TABLE batches (
  topic          text        NOT NULL,
  partition      int         NOT NULL,
  source         text        NOT NULL,
  first_sequence bigint      NOT NULL,
  last_sequence  bigint      NOT NULL,
  batch          bigint      NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  records        bytea       NOT NULL,
  PRIMARY KEY (topic, partition, source, first_sequence)
);
ALTER TABLE batches ALTER COLUMN records SET STORAGE EXTERNAL;
CREATE INDEX batches_by_source ON batches (source, batch);
CREATE INDEX batches_by_age ON batches (created_at);

-- How far each group has read each source: duplicates and gaps are told by it, and the Postgres log's readers go on from it.
CREATE TABLE watermarks (
  group_name text   NOT NULL,
  topic      text   NOT NULL,
  partition  int    NOT NULL,
  origin     text   NOT NULL,
  generation int    NOT NULL,
  sequence   bigint NOT NULL,
  PRIMARY KEY (group_name, topic, partition, origin)
) WITH (fillfactor = 50);

-- Where each group goes on reading, in the transport's own terms.
CREATE TABLE positions (
  group_name text NOT NULL,
  topic      text NOT NULL,
  partition  int  NOT NULL,
  position   text NOT NULL,
  PRIMARY KEY (group_name, topic, partition)
) WITH (fillfactor = 50);

-- Which groups read which topics: what all of them have read may go.
CREATE TABLE subscriptions (
  group_name text NOT NULL,
  topic      text NOT NULL,
  PRIMARY KEY (group_name, topic)
);

-- Keys whose events wait for an operator, and those events in their order.
CREATE TABLE parked_keys (
  group_name  text        NOT NULL,
  partition   int         NOT NULL,
  key         text        NOT NULL,
  reason      text        NOT NULL,
  parked_at   timestamptz NOT NULL DEFAULT now(),
  release     boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (group_name, partition, key)
);
CREATE TABLE parked_events (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_name text        NOT NULL,
  partition  int         NOT NULL,
  key        text        NOT NULL,
  topic      text        NOT NULL,
  source     text,
  sequence   bigint      NOT NULL,
  reason     text,
  attempts   int         NOT NULL DEFAULT 0,
  parked_at  timestamptz NOT NULL DEFAULT now(),
  record     bytea       NOT NULL,
  headers    text
);
CREATE INDEX parked_events_by_key ON parked_events (group_name, partition, key, id);

-- The newest value of each key of a compacted topic.
CREATE TABLE latest (
  topic      text        NOT NULL,
  key        text        NOT NULL,
  version    bigint      NOT NULL,
  value      bytea       NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, key)
) WITH (fillfactor = 50);

-- What is fixed for the life of a deployment.
CREATE TABLE settings (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  partitions int     NOT NULL
);

-- Opens a stage's transaction: locks its shards in ascending order and says what stands there.
CREATE FUNCTION open_transaction(p_group text, p_partitions int[])
RETURNS TABLE (partition int, epoch bigint, last_batch bigint, parked text[])
LANGUAGE sql AS $$
  WITH locked AS (
    SELECT s.partition, s.epoch, s.last_batch
    FROM log.shards s
    WHERE s.deployment = p_group AND s.partition = ANY (p_partitions)
    ORDER BY s.partition
    FOR UPDATE
  )
  SELECT l.partition, l.epoch, l.last_batch,
         (SELECT array_agg(k.key) FROM log.parked_keys k WHERE k.group_name = p_group AND k.partition = l.partition)
  FROM locked l
$$;

-- Appends events to a deployment's shards: one row of input per shard, topic and partition. Numbers are given here and nowhere else.
CREATE FUNCTION append(
  p_deployment text, p_shards int[], p_topics text[], p_partitions int[], p_counts int[], p_offsets int[], p_lengths int[], p_records bytea
) RETURNS TABLE (source text, batch bigint, topic text, partition int, first_sequence bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_locked int;
BEGIN
  WITH locked AS (
    SELECT FROM log.shards s WHERE s.deployment = p_deployment AND s.partition = ANY (p_shards) ORDER BY s.partition FOR UPDATE
  )
  SELECT count(*) INTO v_locked FROM locked;
  -- A deployment that has never started has no shards: what was "appended" there would be lost.
  IF v_locked <> (SELECT count(DISTINCT shard) FROM unnest(p_shards) AS shard) THEN
    RAISE EXCEPTION 'the service % has not started yet: nothing can be appended to its part of the log', p_deployment USING ERRCODE = '57P03';
  END IF;
  RETURN QUERY
  WITH shard AS (
    UPDATE log.shards s SET last_batch = s.last_batch + 1
    WHERE s.deployment = p_deployment AND s.partition = ANY (p_shards)
    RETURNING s.partition AS shard, s.deployment || '/' || s.partition || '/' || s.generation AS source, s.last_batch AS batch
  ), input AS (
    SELECT shard.source, shard.batch, i.topic, i.partition, i.count, i.at, i.length
    FROM unnest(p_shards, p_topics, p_partitions, p_counts, p_offsets, p_lengths) AS i (shard, topic, partition, count, at, length)
    JOIN shard ON shard.shard = i.shard
  ), head AS (
    INSERT INTO log.heads AS h (topic, partition, source, last_sequence)
    SELECT input.topic, input.partition, input.source, input.count FROM input
    ON CONFLICT (topic, partition, source) DO UPDATE SET last_sequence = h.last_sequence + excluded.last_sequence
    RETURNING h.topic, h.partition, h.source, h.last_sequence
  )
  INSERT INTO log.batches AS b (source, batch, topic, partition, first_sequence, last_sequence, records)
  SELECT input.source, input.batch, input.topic, input.partition, head.last_sequence - input.count + 1, head.last_sequence,
         substring(p_records FROM input.at + 1 FOR input.length)
  FROM input
  JOIN head ON head.topic = input.topic AND head.partition = input.partition AND head.source = input.source
  RETURNING b.source, b.batch, b.topic, b.partition, b.first_sequence;
END $$;

-- Every stage's role uses the log; it alone may be written by them, and no stage's own schema by another.
GRANT USAGE ON SCHEMA log TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA log TO PUBLIC;
REVOKE ALL ON log.migrations FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA log TO PUBLIC;
