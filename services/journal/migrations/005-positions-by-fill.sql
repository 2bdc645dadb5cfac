-- An open position's figures are folded into its row, fill by fill. Which fills are its own is told by the executor's numbers: those after
-- the one that opened it. Times can't tell: a simulated position may close and the next one open within one millisecond.

-- The place of a fill among those of its account: the number that its executor gave it (an account is one executor's).
alter table executions add column generation int, add column sequence bigint;
create index executions_by_place on executions (account_id, pair, generation, sequence);

alter table positions
  add column opening_order_id text collate "C",
  add column opening_trade_id text collate "C",
  -- Bought since the account was flat, and its value in the quote currency, fees not taken off: what the average is made of.
  add column bought numeric,
  add column bought_value numeric,
  -- Fills up to this place are in the figures; absent until the fill that opened it is known here.
  add column generation int,
  add column sequence bigint;
create index positions_open on positions (account_id) where status = 'open';

-- What was recorded before: places from the trail, and for positions that are open the fill of their order and their time.
update executions e
set generation = split_part(a.source, '/', 3)::int, sequence = a.sequence
from (
  select source, sequence, convert_from(value, 'UTF8')::jsonb as event from audit where topic = 'OrderFilled' and source is not null
) a
where e.order_id = a.event ->> 'orderId' and e.trade_id = a.event ->> 'tradeId';

update positions p
set opening_order_id = o.order_id, opening_trade_id = o.trade_id,
    bought = p.quantity + coalesce((p.fees ->> split_part(p.pair, '-', 1))::numeric, 0),
    bought_value = p.average_entry_price * (p.quantity + coalesce((p.fees ->> split_part(p.pair, '-', 1))::numeric, 0))
from (
  select distinct on (p.position_id) p.position_id, e.order_id, e.trade_id
  from positions p
  join executions e on e.account_id = p.account_id and e.pair = p.pair and e.parent_order_id = p.parent_order_id
                   and e.side = 'buy' and e.filled_at = p.opened_at
  where p.status = 'open' and e.sequence is not null
  order by p.position_id, e.generation, e.sequence
) o
where p.position_id = o.position_id;

-- Folds into the open positions of these accounts every fill after the last one that is in them. The fills of an account come here in
-- their order (one user, one executor, one topic), so that the place of the last one tells which are in.
create function fold_positions(p_accounts text[]) returns void language sql as $$
  with open as (
    select p.position_id, p.account_id, p.pair, p.fees, split_part(p.pair, '-', 1) as base,
           coalesce(p.generation, o.generation) as generation, coalesce(p.sequence, o.sequence) as sequence
    from positions p
    left join executions o on p.sequence is null and o.order_id = p.opening_order_id and o.trade_id = p.opening_trade_id
    where p.status = 'open' and p.account_id = any (p_accounts) and coalesce(p.sequence, o.sequence) is not null
  ), fills as (
    select open.position_id, e.generation, e.sequence, e.side, e.quantity, e.quantity * e.price as value, e.fee_currency, e.fee_amount,
           case when e.fee_currency = open.base then e.fee_amount else 0 end as base_fee
    from open
    join executions e on e.account_id = open.account_id and e.pair = open.pair
                     and (e.generation, e.sequence) > (open.generation, open.sequence)
  ), sums as (
    select position_id,
           sum(case side when 'buy' then quantity else -quantity end - base_fee) as held,
           coalesce(sum(quantity) filter (where side = 'buy'), 0) as bought,
           coalesce(sum(value) filter (where side = 'buy'), 0) as bought_value,
           max(generation) as generation
    from fills group by position_id
  ), ends as (
    select position_id, max(sequence) as sequence from fills join sums using (position_id, generation) group by position_id
  ), paid as (
    select position_id, jsonb_object_agg(currency, trim_scale(amount)::text) as fees
    from (
      select position_id, currency, sum(amount) as amount
      from (
        select position_id, f.key as currency, f.value::numeric as amount from open cross join lateral jsonb_each_text(open.fees) f
        union all
        select position_id, fee_currency, fee_amount from fills where fee_amount <> 0
      ) each_fee group by position_id, currency
    ) summed group by position_id
  )
  update positions p set
    generation = coalesce(s.generation, open.generation),
    sequence = coalesce(e.sequence, open.sequence),
    quantity = trim_scale(p.quantity + coalesce(s.held, 0)),
    bought = p.bought + coalesce(s.bought, 0),
    bought_value = p.bought_value + coalesce(s.bought_value, 0),
    average_entry_price = case
      when s.bought > 0 then trim_scale(round((p.bought_value + s.bought_value) / (p.bought + s.bought), 18))
      else p.average_entry_price end,
    fees = coalesce(paid.fees, p.fees)
  from open
  left join sums s on s.position_id = open.position_id
  left join ends e on e.position_id = open.position_id
  left join paid on paid.position_id = open.position_id
  where p.position_id = open.position_id and (s.position_id is not null or p.sequence is null)
$$;
select fold_positions(array (select distinct account_id from positions where status = 'open'));

create or replace view api_positions as
  select position_id, user_id, account_id, venue, mode, pair, side, status, opened_at, dry_run, signal_id, parent_order_id,
         average_exit_price, realized_pnl, dust, closed_at, quantity, average_entry_price, fees
  from positions;
