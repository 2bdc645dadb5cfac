-- What carries this database's log. Watermarks and positions mean nothing to another transport or another Kafka cluster: events would be
-- dropped as known, or missed. The first start fills it in, in databases that are older than this as well; nobody changes it.
ALTER TABLE settings
  ADD COLUMN transport  text CHECK (transport IN ('postgres', 'kafka')),
  ADD COLUMN cluster_id text,
  ADD CHECK (cluster_id IS NULL OR transport = 'kafka');
