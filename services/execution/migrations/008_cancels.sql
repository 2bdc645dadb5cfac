-- Who wants what gone. A request for an order is kept a while after it was carried out: an order that comes later than its cancel finds it
-- here and is never sent. Written by the stage, which locks nothing else of this schema: what it asks for is marked in another transaction.
create table cancel_requests (
  request_id text primary key,
  -- A parent's or a child's id, and its user; null: everything that is open in a scope.
  order_id text,
  user_id text,
  -- 'global', 'venue:<venue>' or 'user:<userId>'.
  scope text,
  reason text not null,
  requested_at timestamptz not null default now(),
  -- When all that it means was marked; null: not yet.
  marked_at timestamptz,
  check ((order_id is null) = (user_id is null) and (order_id is null) <> (scope is null))
);
create index cancel_requests_by_order on cancel_requests (order_id) where order_id is not null;
create index cancel_requests_to_mark on cancel_requests (requested_at) where marked_at is null;
create index cancel_requests_marked on cancel_requests (marked_at) where marked_at is not null;

-- Why somebody wants this order gone; null: nobody does. It stays: nothing is sent of the order any more.
alter table execution_tasks add column cancel_reason text;
create index execution_tasks_to_cancel on execution_tasks (seq) where cancel_reason is not null and status = 'queued';
create index execution_tasks_by_parent on execution_tasks (parent_order_id);

-- When the venue is to be asked to cancel what is open of the order; null: it is not to be.
alter table orders add column cancel_due_at timestamptz;
alter table orders add column cancel_attempts integer not null default 0;
create index orders_to_cancel on orders (cancel_due_at) where cancel_due_at is not null;
