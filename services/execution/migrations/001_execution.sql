-- One venue's executor. Keys of tasks, orders and fills are permanent: they are what makes a repeat harmless.
-- Whoever locks rows of several tables does it in this order: execution_tasks, orders, the log's shards, simulated_balances, accounts.

create table accounts (
  account_id text primary key,
  user_id text not null,
  version bigint not null,
  mode text not null check (mode in ('simulated', 'paper', 'live')),
  enabled boolean not null,
  usdt_as_usd boolean not null,
  starting_balances json,
  -- When the balances are to be fetched and told next; null: not asked for.
  balance_due_at timestamptz,
  balance_asked_at timestamptz,
  -- When an order last moved funds at the venue; never set for simulated accounts.
  funds_moved_at timestamptz
) with (fillfactor = 70);
create index accounts_by_user on accounts (user_id);
create index accounts_balance_due on accounts (balance_due_at) where balance_due_at is not null;

create table execution_tasks (
  task_id text primary key,
  -- First come, first served, within a priority.
  seq bigint generated always as identity,
  event_type text not null check (event_type in ('OrderRouted', 'VenueStateRequested')),
  -- Who takes it: the workers that call the venue, or the simulator.
  executor text not null check (executor in ('venue', 'simulator')),
  user_id text not null,
  account_id text not null,
  -- Account and pair: what must keep its order.
  lane text not null,
  trade_id text,
  parent_order_id text,
  signal_id text,
  priority smallint not null,
  status text not null default 'queued' check (status in ('queued', 'executing', 'unknown', 'done', 'failed')),
  attempts integer not null default 0,
  last_error text,
  payload json not null,
  cause_id text not null,
  traceparent text,
  lease_owner text,
  lease_epoch bigint not null default 0,
  lease_until timestamptz,
  not_before timestamptz not null default now(),
  -- An order that has not left by then is refused; null: never too late.
  send_by timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index execution_tasks_venue_queue on execution_tasks (priority, seq) where status = 'queued' and executor = 'venue';
create index execution_tasks_simulator_queue on execution_tasks (priority, seq) where status = 'queued' and executor = 'simulator';
create index execution_tasks_lanes on execution_tasks (lane, priority, seq) where status = 'queued' and executor = 'venue';
create index execution_tasks_put_off on execution_tasks (not_before) where status = 'queued' and executor = 'venue';
create index execution_tasks_out on execution_tasks (lane) where status in ('executing', 'unknown') and executor = 'venue';
create index execution_tasks_send_by on execution_tasks (send_by)
  where status = 'queued' and executor = 'venue' and send_by is not null;
create index execution_tasks_leases on execution_tasks (lease_until) where status = 'executing';

create table orders (
  order_id text primary key,
  user_id text not null,
  account_id text not null,
  pair text not null,
  venue_symbol text not null,
  side text not null,
  mode text not null,
  quantity numeric not null,
  limit_price numeric,
  expire_at timestamptz,
  status text not null,
  -- The intent: stored before any request leaves.
  client_order_id text not null,
  attempt integer not null,
  send_by timestamptz not null,
  -- When the venue stops taking the request, on the venue's clock.
  venue_expiry timestamptz,
  lease_owner text,
  -- Whoever holds another number than this stores nothing.
  lease_epoch bigint not null default 1,
  venue_order_id text,
  cumulative_quantity numeric not null default 0,
  cumulative_quote numeric not null default 0,
  fees json not null default '{}',
  -- How many events of the order there are.
  version integer not null default 0,
  -- Negative lookups that counted; lookups made after the end.
  negatives smallint not null default 0,
  settled smallint not null default 0,
  -- When the present uncertainty began: placement, or the outcome that was not known.
  uncertain_since timestamptz,
  -- What a person was called for already.
  alarms text[] not null default '{}',
  next_poll_at timestamptz,
  last_error text,
  -- When each state was first reached.
  status_times json not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index orders_due on orders (next_poll_at) where next_poll_at is not null;
create index orders_unknown on orders (uncertain_since) where status = 'unknown';
create index orders_resting on orders (pair, side, limit_price) where mode = 'simulated' and status in ('placed', 'partially_filled');
create index orders_resting_expiry on orders (expire_at)
  where mode = 'simulated' and status in ('placed', 'partially_filled') and expire_at is not null;
create index orders_open on orders (account_id) where status in ('placed', 'partially_filled', 'cancel_pending', 'unknown');
create index orders_by_venue_id on orders (account_id, venue_order_id) where mode <> 'simulated';
create unique index orders_by_client_id on orders (client_order_id) where mode <> 'simulated';

create table fills (
  account_id text not null,
  venue text not null,
  venue_symbol text not null,
  trade_id text not null,
  order_id text not null,
  quantity numeric not null,
  price numeric not null,
  fee_amount numeric not null,
  fee_currency text not null,
  liquidity text not null,
  filled_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  primary key (account_id, venue, venue_symbol, trade_id)
);
create index fills_by_order on fills (order_id);

-- What the venue answered, for operators: short, secrets blotted, never on a topic.
create table execution_logs (
  log_id bigint generated always as identity primary key,
  task_id text not null,
  attempt integer not null,
  action text not null,
  status text not null,
  reason text,
  response_code integer,
  response_body text,
  took_ms integer,
  at timestamptz not null default now()
);
create index execution_logs_by_task on execution_logs (task_id);

create table simulated_balances (
  account_id text not null,
  currency text not null,
  total numeric not null,
  -- Held by resting orders.
  locked numeric not null default 0,
  primary key (account_id, currency)
) with (fillfactor = 70);
