-- The accounts whose venue is asked for their state, and when next. Written by the stage's effects, claimed by the timer.
CREATE TABLE accounts (
  account_id      text        NOT NULL PRIMARY KEY,
  user_id         text        NOT NULL,
  venue           text        NOT NULL,
  enabled         boolean     NOT NULL,
  policy_version  bigint      NOT NULL,
  -- Pairs traded since the account was last at rest: fills are asked for these.
  pairs           text[]      NOT NULL DEFAULT '{}',
  active_until    timestamptz NOT NULL DEFAULT '-infinity',
  open_orders     int         NOT NULL DEFAULT 0,
  next_request_at timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX accounts_due ON accounts (next_request_at) WHERE enabled;
CREATE INDEX accounts_of_user ON accounts (user_id);
