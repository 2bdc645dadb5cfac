-- Simulated balances are told by the simulator, in the transaction that moved them; those at a venue by who asks the venue.
drop index accounts_balance_due;
create index accounts_venue_balance_due on accounts (balance_due_at) where balance_due_at is not null and mode <> 'simulated';
create index accounts_simulated_balance_due on accounts (balance_due_at) where balance_due_at is not null and mode = 'simulated';
comment on column accounts.funds_moved_at is 'When an order last moved funds.';
