-- requires role: switchyard_gateway
-- What an operator looks at: dead letters, and orders that failed for a reason of ours or of the venue's, not of the order.

create index audit_dead_letters on audit (recorded_at, chain, row) where reason is not null;

create view api_dead_letters as
  select chain, row, topic, key, user_id, signal_id, event_id, content_type, recorded_at, value, reason
  from audit where reason is not null;

-- One row an order; few orders fail like this, and those that don't cost nothing here.
create table failed_orders (
  order_id text collate "C" primary key,
  parent_order_id text collate "C" not null,
  signal_id text collate "C" not null,
  user_id text collate "C" not null,
  account_id text collate "C",
  venue text,
  pair text not null,
  code text not null,
  message text not null,
  failed_at timestamptz not null
);
create index failed_orders_by_time on failed_orders (failed_at);
create index failed_orders_by_user on failed_orders (user_id, failed_at);

-- Still failed (an order may turn up after all), and not made good by another venue.
create view api_failed_orders as
  select f.order_id, f.parent_order_id, f.signal_id, f.user_id, f.account_id, f.venue, f.pair, f.code, f.message, f.failed_at
  from failed_orders f
  join orders o on o.order_id = f.order_id and o.status = 'failed'
  left join orders p on p.order_id = f.parent_order_id
  where p.status is distinct from 'filled';

grant select on api_dead_letters, api_failed_orders to switchyard_gateway;
