-- requires role: switchyard_execution_binance, switchyard_execution_kraken, switchyard_execution_coinbase, switchyard_execution_bybit, switchyard_execution_okx, switchyard_execution_alpaca

-- Who trades. `version` rises with every change of the user, their limits, tokens or accounts.
CREATE TABLE users (
  user_id    text        PRIMARY KEY,
  version    bigint      NOT NULL DEFAULT 0,
  enabled    boolean     NOT NULL,
  mode       text        NOT NULL CHECK (mode IN ('simulated', 'paper', 'live')),
  limits     jsonb       NOT NULL DEFAULT '{}',
  pairs      text[],
  -- Seals this user's API keys; itself sealed under the key-encryption key.
  data_key   bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Bearer tokens: the hash alone.
CREATE TABLE tokens (
  token_id   text        PRIMARY KEY,
  user_id    text        NOT NULL REFERENCES users,
  role       text        NOT NULL CHECK (role IN ('trader', 'operator', 'admin')),
  name       text        NOT NULL,
  hash       text        NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text        NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX tokens_by_user ON tokens (user_id, created_at);

-- Exchange accounts. Removed ones keep their keys for a while, so that what is open at the venue can still be found and cancelled.
CREATE TABLE exchange_accounts (
  account_id        text        PRIMARY KEY,
  user_id           text        NOT NULL REFERENCES users,
  venue             text        NOT NULL,
  mode              text        NOT NULL CHECK (mode IN ('simulated', 'paper', 'live')),
  market            text        NOT NULL CHECK (market IN ('spot', 'futures')),
  testnet           boolean,
  usdt_as_usd       boolean     NOT NULL,
  time_zone         text        NOT NULL,
  starting_balances jsonb,
  sealed            bytea,
  key_version       int         NOT NULL DEFAULT 0,
  -- Hash of venue and API key: the same funds must not be counted for two accounts.
  key_fingerprint   text,
  created_at        timestamptz NOT NULL DEFAULT now(),
  removed_at        timestamptz,
  erased_at         timestamptz,
  CHECK (mode = 'simulated' OR (sealed IS NULL) = (erased_at IS NOT NULL))
);
CREATE INDEX exchange_accounts_by_user ON exchange_accounts (user_id, created_at);
CREATE UNIQUE INDEX exchange_accounts_key_in_use ON exchange_accounts (key_fingerprint) WHERE removed_at IS NULL;
CREATE INDEX exchange_accounts_to_erase ON exchange_accounts (removed_at) WHERE removed_at IS NOT NULL AND erased_at IS NULL;

-- What one venue's executor may read, and nobody else: its own venue's sealed keys, each with its user's sealed data key.
DO $$
DECLARE
  venue text;
BEGIN
  FOREACH venue IN ARRAY ARRAY['binance', 'kraken', 'coinbase', 'bybit', 'okx', 'alpaca'] LOOP
    EXECUTE format(
      'CREATE VIEW sealed_keys_%1$s AS
         SELECT a.account_id, a.user_id, a.venue, a.key_version, u.data_key AS sealed_data_key, a.sealed
         FROM exchange_accounts a JOIN users u USING (user_id)
         WHERE a.venue = %1$L AND a.sealed IS NOT NULL', venue);
    EXECUTE format('GRANT USAGE ON SCHEMA accounts TO switchyard_execution_%s', venue);
    EXECUTE format('GRANT SELECT ON sealed_keys_%1$s TO switchyard_execution_%1$s', venue);
  END LOOP;
END $$;
