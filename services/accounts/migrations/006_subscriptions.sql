-- Strategies that accounts follow. `terms` is what the user said of it: scaling, filter, caps, hours, paused.
CREATE TABLE subscriptions (
  user_id     text        NOT NULL REFERENCES users,
  strategy_id text        NOT NULL,
  account_id  text        NOT NULL REFERENCES exchange_accounts,
  terms       jsonb       NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, strategy_id, account_id)
);
CREATE INDEX subscriptions_by_account ON subscriptions (account_id);
