-- What waits for a second person, or did. No secret is in here: an account that waits is a row of exchange_accounts, its keys sealed as ever,
-- and no stage is told of it before it was approved.
CREATE TABLE approvals (
  approval_id  text        PRIMARY KEY,
  kind         text        NOT NULL CHECK (kind IN ('live_account')),
  user_id      text        NOT NULL REFERENCES users,
  account_id   text        NOT NULL,
  status       text        NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn')),
  requested_by text        NOT NULL,
  requested_with text      NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  decided_by   text,
  decided_with text,
  decided_at   timestamptz,
  reason       text
);
CREATE INDEX approvals_by_time ON approvals (requested_at, approval_id);

-- The approval that an account waits for; null: it waits for none.
ALTER TABLE exchange_accounts ADD COLUMN pending_approval text REFERENCES approvals;
