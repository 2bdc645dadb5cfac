-- The audit trail: one chain per partition of the log, rows dense from 1, written only by whoever holds the partition.
-- Ids compare by their bytes (collate "C"): faster, and the same on every machine.
-- What a row's hash covers is defined in src/audit/row-hash.ts; nothing here may be changed without a new version of it there.

create table audit_heads (
  chain int primary key,
  row bigint not null
) with (fillfactor = 50);

create table audit (
  chain int not null,
  row bigint not null,
  topic text not null,
  key text not null,
  user_id text collate "C",
  signal_id text collate "C",
  event_id text not null,
  type text not null,
  source text,
  sequence bigint not null,
  causation_id text,
  -- As the event said it; strangers may say anything.
  time text not null,
  -- Absent: JSON.
  content_type text,
  recorded_at timestamptz not null,
  hash bytea not null,
  value bytea not null,
  primary key (chain, row)
) with (toast_tuple_target = 8160, autovacuum_freeze_min_age = 0);

create index audit_signal on audit (signal_id) where signal_id is not null;
create index audit_user on audit (user_id, row) where user_id is not null;

-- Sealed stretches of a chain: each holds the one before by its hash, and its rows by a Merkle root.
create table audit_batches (
  chain int not null,
  batch bigint not null,
  first_row bigint not null,
  last_row bigint not null,
  merkle_root bytea not null,
  previous_hash bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null,
  primary key (chain, batch)
);
-- Finds where a time begins in a chain.
create index audit_batches_sealed_at on audit_batches (chain, sealed_at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is append-only: % of % is refused', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

create trigger audit_is_append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();
create trigger audit_batches_are_append_only before update or delete or truncate on audit_batches
  for each statement execute function refuse_change();
