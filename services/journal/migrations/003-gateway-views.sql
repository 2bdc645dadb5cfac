-- requires role: switchyard_gateway
-- What the gateway may read of the journal, and all it may read. A view's name is a contract; its table is not.

create view api_heads as select chain, row from audit_heads;

create view api_audit as
  select chain, row, topic, key, user_id, signal_id, event_id, type, source, sequence, causation_id, time, content_type, recorded_at,
         hash, value
  from audit;

create view api_batches as
  select chain, batch, first_row, last_row, merkle_root, previous_hash, hash, sealed_at from audit_batches;

create view api_orders as
  select order_id, parent_order_id, signal_id, user_id, account_id, venue, pair, venue_symbol, side, signal_type, order_type,
         quantity, limit_price, time_in_force, client_order_id, venue_order_id, order_version, placed_at, mode, dry_run,
         reference_price, status, filled_quantity, average_price,
         case when status not in ('placed', 'partially_filled', 'filled') then code end as code,
         case when status not in ('placed', 'partially_filled', 'filled') then message end as message,
         created_at, ended_at
  from orders;

create view api_executions as
  select order_id, trade_id, parent_order_id, signal_id, user_id, account_id, venue, pair, side, quantity, price, fee_amount,
         fee_currency, liquidity, venue_order_id, client_order_id, filled_at, dry_run
  from executions;

-- An open position's figures are those of its fills since it was opened: base fees are taken off the quantity.
create view api_positions as
  select p.position_id, p.user_id, p.account_id, p.venue, p.mode, p.pair, p.side, p.status, p.opened_at, p.dry_run, p.signal_id,
         p.parent_order_id, p.average_exit_price, p.realized_pnl, p.dust, p.closed_at,
         coalesce(f.quantity, p.quantity) as quantity,
         coalesce(f.average_entry_price, p.average_entry_price) as average_entry_price,
         coalesce(f.fees, p.fees) as fees
  from positions p
  left join lateral (
    select sum(c.net) as quantity,
           sum(c.cost) / nullif(sum(c.bought), 0) as average_entry_price,
           jsonb_object_agg(c.fee_currency, c.fee::text) as fees
    from (
      select e.fee_currency,
             sum(case e.side when 'buy' then e.quantity else -e.quantity end)
               - sum(case e.fee_currency when split_part(p.pair, '-', 1) then e.fee_amount else 0 end) as net,
             sum(case e.side when 'buy' then e.quantity * e.price else 0 end) as cost,
             sum(case e.side when 'buy' then e.quantity else 0 end) as bought,
             sum(e.fee_amount) as fee
      from executions e
      where e.user_id = p.user_id and e.account_id = p.account_id and e.pair = p.pair and e.filled_at >= p.opened_at
      group by e.fee_currency
    ) c
    having count(*) > 0
  ) f on p.status = 'open';

create view api_balances as select account_id, user_id, venue, mode, balances, asked_at, updated_at from balances;

grant usage on schema journal to switchyard_gateway;
grant select on api_heads, api_audit, api_batches, api_orders, api_executions, api_positions, api_balances to switchyard_gateway;
