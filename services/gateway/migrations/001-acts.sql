-- What operators did about dead letters and failed orders: those have no row of their own that could be released or dropped. Parked keys
-- do; the trail of who did what and why is the journal's (OperatorActed).
create table acts (
  item_id text collate "C" primary key,
  act_id text not null,
  action text not null,
  acted_by text not null,
  reason text not null,
  acted_at timestamptz not null
);
