-- Positions that are to be closed because a scope was stopped so: one run a scope, of its newest version. A run goes on where a process died.
create table flatten_runs (
  scope text primary key,
  version bigint not null,
  requested_by text not null,
  reason text not null,
  requested_at timestamptz not null default now(),
  -- Whoever works on it does so until then.
  claimed_until timestamptz not null default '-infinity',
  finished_at timestamptz,
  -- 'flat', 'resumed' or 'given_up'.
  outcome text
);
create index flatten_runs_open on flatten_runs (claimed_until) where finished_at is null;

-- The exits of a run: stored before they are admitted, so that who repeats them sends the same.
create table flatten_exits (
  scope text not null,
  version bigint not null,
  account_id text not null,
  pair text not null,
  attempt int not null,
  signal jsonb not null,
  outcome text,
  sent_at timestamptz not null default now(),
  primary key (scope, version, account_id, pair)
);
