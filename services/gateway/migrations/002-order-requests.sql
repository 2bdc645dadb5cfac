-- Requests to cancel an order, once each: the same again is answered, and not sent again. What became of them is the journal's to tell.
create table order_requests (
  request_id text collate "C" primary key,
  order_id text collate "C" not null,
  kind text not null,
  requested_by text not null,
  requested_at timestamptz not null
);
