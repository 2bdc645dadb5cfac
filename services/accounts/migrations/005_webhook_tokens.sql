-- Tokens of webhooks: each for signals of one strategy of one user. The hash alone, and not the one that a bearer token of these letters would
-- have. They are a table of their own so that nothing that looks for a bearer token can find one.
CREATE TABLE webhook_tokens (
  token_id    text        PRIMARY KEY,
  user_id     text        NOT NULL REFERENCES users,
  strategy_id text        NOT NULL,
  name        text        NOT NULL,
  -- Where requests may come from; null: from anywhere.
  addresses   text[],
  hash        text        NOT NULL UNIQUE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  created_by  text        NOT NULL,
  expires_at  timestamptz,
  revoked_at  timestamptz
);
CREATE INDEX webhook_tokens_by_user ON webhook_tokens (user_id, created_at);
