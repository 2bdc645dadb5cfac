-- When somebody first asked for an order to be gone. While the order lives it is shown as cancel_pending, and so are the orders at venues of
-- a parent that is to go; an end that comes is the end that it was.
alter table orders add column cancel_requested_at timestamptz;

create or replace view api_orders as
  select o.order_id, o.parent_order_id, o.signal_id, o.user_id, o.account_id, o.venue, o.pair, o.venue_symbol, o.side, o.signal_type,
         o.order_type, o.quantity, o.limit_price, o.time_in_force, o.client_order_id, o.venue_order_id, o.order_version, o.placed_at,
         o.mode, o.dry_run, o.reference_price, s.status, o.filled_quantity, o.average_price,
         case when s.status not in ('placed', 'partially_filled', 'filled') then o.code end as code,
         case when s.status not in ('placed', 'partially_filled', 'filled') then o.message end as message,
         o.created_at, o.ended_at
  from orders o
  cross join lateral (
    select case
             when o.ended_at is not null or o.status in ('filled', 'cancelled', 'rejected', 'expired', 'failed') then o.status
             when o.cancel_requested_at is not null then 'cancel_pending'
             when o.order_id <> o.parent_order_id
                  and exists (select from orders p where p.order_id = o.parent_order_id and p.cancel_requested_at is not null)
               then 'cancel_pending'
             else o.status
           end as status
  ) s;
