-- What the gateway lists. Each row is a fold of events that may come in any order of topics; the audit trail holds their whole story.

-- Parents (order_id = parent_order_id) and children, one row each.
create table orders (
  order_id text collate "C" primary key,
  parent_order_id text collate "C" not null,
  signal_id text collate "C" not null,
  user_id text collate "C" not null,
  account_id text collate "C",
  venue text,
  pair text,
  venue_symbol text,
  side text,
  signal_type text,
  order_type text,
  quantity numeric,
  limit_price numeric,
  time_in_force text,
  client_order_id text collate "C",
  venue_order_id text collate "C",
  order_version int not null,
  placed_at timestamptz,
  mode text,
  dry_run boolean,
  -- The market's price when the parent was approved: what shortfall is measured against.
  reference_price numeric,
  status text not null,
  -- How far the status is; a fold keeps the furthest.
  rank smallint not null,
  filled_quantity numeric not null,
  average_price numeric,
  code text,
  message text,
  created_at timestamptz not null,
  ended_at timestamptz
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);

create index orders_by_user on orders (user_id, created_at);
create index orders_by_time on orders (created_at);
create index orders_by_parent on orders (parent_order_id) where order_id <> parent_order_id;
create index orders_by_client_id on orders (client_order_id) where client_order_id is not null;
create index orders_by_venue_id on orders (venue_order_id) where venue_order_id is not null;

create table executions (
  order_id text collate "C" not null,
  trade_id text collate "C" not null,
  parent_order_id text collate "C" not null,
  signal_id text collate "C" not null,
  user_id text collate "C" not null,
  account_id text collate "C" not null,
  venue text not null,
  pair text not null,
  side text not null,
  quantity numeric not null,
  price numeric not null,
  fee_amount numeric not null,
  fee_currency text not null,
  liquidity text not null,
  venue_order_id text collate "C" not null,
  client_order_id text collate "C" not null,
  filled_at timestamptz not null,
  dry_run boolean not null,
  primary key (order_id, trade_id)
);

create index executions_by_user on executions (user_id, filled_at);
create index executions_by_time on executions (filled_at);

create table positions (
  position_id text collate "C" primary key,
  user_id text collate "C" not null,
  account_id text collate "C" not null,
  venue text not null,
  mode text not null,
  pair text not null,
  side text not null,
  status text not null check (status in ('open', 'closed')),
  quantity numeric not null,
  average_entry_price numeric not null,
  fees jsonb not null,
  opened_at timestamptz not null,
  dry_run boolean not null,
  signal_id text collate "C" not null,
  parent_order_id text collate "C" not null,
  average_exit_price numeric,
  realized_pnl numeric,
  dust numeric,
  closed_at timestamptz
) with (fillfactor = 70);

create index positions_by_user on positions (user_id, opened_at);
create index positions_by_time on positions (opened_at);

create table balances (
  account_id text collate "C" primary key,
  user_id text collate "C" not null,
  venue text not null,
  mode text not null,
  balances jsonb not null,
  asked_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 50);

create index balances_by_user on balances (user_id, account_id);
