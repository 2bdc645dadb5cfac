-- Since when a user's API keys are sealed under the data key they have now: whose is older than a day that a person names gets a new one.
ALTER TABLE users ADD COLUMN data_key_made_at timestamptz NOT NULL DEFAULT now();
UPDATE users SET data_key_made_at = created_at;
CREATE INDEX users_by_data_key_age ON users (data_key_made_at, user_id);
