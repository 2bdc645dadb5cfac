-- Parked keys are read once the shards' locks are held: in one statement with the locking they were those of before the wait, and who had waited
-- for a discard or a release parked behind a key that nobody had parked any more. A volatile function's statements each see what is committed by then.
CREATE OR REPLACE FUNCTION open_transaction(p_group text, p_partitions int[])
RETURNS TABLE (partition int, epoch bigint, last_batch bigint, parked text[])
LANGUAGE sql VOLATILE AS $$
  SELECT FROM log.shards s WHERE s.deployment = p_group AND s.partition = ANY (p_partitions) ORDER BY s.partition FOR UPDATE;
  SELECT s.partition, s.epoch, s.last_batch,
         (SELECT array_agg(k.key) FROM log.parked_keys k WHERE k.group_name = p_group AND k.partition = s.partition)
  FROM log.shards s
  WHERE s.deployment = p_group AND s.partition = ANY (p_partitions);
$$;
