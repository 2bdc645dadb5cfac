-- Why a record is a dead letter, `CODE: sentence`: it comes in the record's headers, which are not among its bytes.
alter table audit add column reason text;

create or replace view api_audit as
  select chain, row, topic, key, user_id, signal_id, event_id, type, source, sequence, causation_id, time, content_type, recorded_at,
         hash, value, reason
  from audit;
