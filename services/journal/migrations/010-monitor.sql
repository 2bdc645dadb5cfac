-- requires role: switchyard_gateway
-- The live monitor. Every process of the journal counts what it records, ten seconds a row; whoever looks adds up the rows of all.
create table monitor_counts (
  slot timestamptz not null,
  process text not null,
  signals bigint not null,
  refused bigint not null,
  refusals jsonb not null,
  placed bigint not null,
  placed_ms double precision not null,
  fills bigint not null,
  notional double precision not null,
  shortfall double precision not null,
  primary key (slot, process)
) with (fillfactor = 50);

-- What was seen when somebody last looked, a row a rule. `alert_id` and `since` are of the alert that stands, or of the last one.
create table monitor_alerts (
  code text primary key,
  raised boolean not null default false,
  alert_id text,
  since timestamptz,
  severity text not null default '',
  message text not null default '',
  value double precision not null default 0,
  limit_value double precision not null default 0,
  samples bigint not null default 0,
  min_samples bigint not null default 0,
  window_s int not null default 0,
  looked_at timestamptz not null default 'epoch'
) with (fillfactor = 50);
insert into monitor_alerts (code)
values ('HIGH_REJECTION_RATE'), ('HIGH_EXECUTION_LATENCY'), ('HIGH_IMPLEMENTATION_SHORTFALL');

create view api_monitor as
  select code, raised, alert_id, since, severity, message, value, limit_value, samples, min_samples, window_s, looked_at
  from monitor_alerts;
grant select on api_monitor to switchyard_gateway;
