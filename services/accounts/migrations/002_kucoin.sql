-- requires role: switchyard_execution_kucoin

-- What KuCoin's executor may read, and nobody else, as 001 made it for the venues of then.
CREATE VIEW sealed_keys_kucoin AS
  SELECT a.account_id, a.user_id, a.venue, a.key_version, u.data_key AS sealed_data_key, a.sealed
  FROM exchange_accounts a JOIN users u USING (user_id)
  WHERE a.venue = 'kucoin' AND a.sealed IS NOT NULL;
GRANT USAGE ON SCHEMA accounts TO switchyard_execution_kucoin;
GRANT SELECT ON sealed_keys_kucoin TO switchyard_execution_kucoin;
