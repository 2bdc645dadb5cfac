-- What all replicas of a venue's executor know together about calling the venue: its circuit, its wish that we stay away, and what is left
-- of the budgets. Each row is changed by compare-and-set on its version, so that no replica holds a lock while it thinks.

-- One row. While the circuit is open nothing but cancels is sent; one replica, the prober, then asks one question.
create table venue_circuit (
  is_only boolean primary key default true check (is_only),
  version bigint not null,
  state text not null check (state in ('closed', 'open', 'half_open')),
  -- In a row, while it is closed.
  failures integer not null default 0,
  prober text,
  -- Milliseconds since the epoch, by the database's clock: the end of the wait, or of the prober's lease.
  until_ms float8,
  changed_at timestamptz not null default now()
);

-- The venue told an address or an account to stay away (429, 418, Retry-After). Logged, for a ban outlives a crash.
create table rate_closures (
  scope text primary key,
  until_ms float8 not null,
  said_at timestamptz not null default now()
);

-- Token buckets, one a scope: an address or an account, and what is counted. Unlogged: they change many times a second, and after a crash
-- of the database a bucket that begins anew costs at most one burst, which the venue's own count then corrects.
create unlogged table rate_budgets (
  scope text primary key,
  version bigint not null,
  common float8 not null,
  polls float8 not null,
  at_ms float8 not null,
  -- What the venue says is left in its window, and when that window ends.
  room_left float8,
  room_until_ms float8
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
