-- Accounts at rest are looked at, too, seldom and a few a second: somebody else may trade there. `drifts`: differences that stand and were told.
ALTER TABLE accounts ADD COLUMN resting boolean NOT NULL DEFAULT false, ADD COLUMN drifts int NOT NULL DEFAULT 0;
DROP INDEX accounts_due;
CREATE INDEX accounts_due ON accounts (resting, next_request_at) WHERE enabled;
CREATE INDEX accounts_drifting ON accounts (venue) WHERE drifts > 0;
