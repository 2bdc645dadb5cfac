-- The strategy whose own signals a token is good for, beside what its role may do.
ALTER TABLE tokens ADD COLUMN publishes text;
