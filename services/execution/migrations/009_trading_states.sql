-- What may be opened here, as accounts told it. A claim reads it in the statement that takes tasks, after it has made itself known by a lock;
-- who acknowledges a state waits first for the claims that were under way when it was stored.
create table trading_states (
  -- 'global', 'user:<userId>', or 'venue': this one. In this order the first in force is the one that an order is refused by.
  place text primary key,
  scope text not null,
  state text not null check (state in ('active', 'reducing', 'halted')),
  version bigint not null,
  reason text not null,
  changed_at timestamptz not null,
  cancel_open boolean not null,
  stored_at timestamptz not null default clock_timestamp(),
  -- Whether all claims that may have been made before it was stored are over.
  is_kept boolean not null default false,
  -- How often something was said of this version, what was said last, and whether there is nothing more to say.
  report integer not null default 0,
  said text,
  is_told boolean not null default false,
  looked_at timestamptz
) with (fillfactor = 50);
create index trading_states_in_force on trading_states (place) where state <> 'active';
create index trading_states_to_tell on trading_states (looked_at) where not is_told;
create index trading_states_stored on trading_states (stored_at) where state <> 'active';

-- What was cancelled for one reason.
create index execution_tasks_by_cancel on execution_tasks (cancel_reason) where cancel_reason is not null;
