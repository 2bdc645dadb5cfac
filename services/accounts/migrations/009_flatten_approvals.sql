-- Closing everybody's positions can wait for a second person, too. What is to be closed is named by the version of the trading state.
ALTER TABLE approvals DROP CONSTRAINT approvals_kind_check;
ALTER TABLE approvals ADD CHECK (kind IN ('live_account', 'flatten_all'));
ALTER TABLE approvals ALTER COLUMN user_id DROP NOT NULL;
ALTER TABLE approvals ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE approvals ADD COLUMN scope text, ADD COLUMN version bigint;
ALTER TABLE approvals ADD CHECK (CASE kind WHEN 'live_account' THEN user_id IS NOT NULL AND account_id IS NOT NULL
                                           ELSE scope IS NOT NULL AND version IS NOT NULL END);
-- One request a version: who asks again hears of the same.
CREATE UNIQUE INDEX approvals_of_a_state ON approvals (scope, version) WHERE status = 'pending';
