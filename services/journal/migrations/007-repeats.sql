-- What a door published twice is one row of the trail. Here is kept which numbers of its source the other copies had: without them a reader
-- of the trail could not tell a number that was dropped from an event that is missing.
create table audit_repeats (
  chain int not null,
  topic text not null,
  source text collate "C" not null,
  sequence bigint not null,
  -- The row that stands for it: the first with this id in the chain.
  event_id text not null,
  recorded_at timestamptz not null
);
create index audit_repeats_by_number on audit_repeats (chain, topic, source, sequence);

create trigger audit_repeats_are_append_only before update or delete or truncate on audit_repeats
  for each statement execute function refuse_change();

-- Many users may be sent one signal under one id (a strategy that names it): what is asked is always one user's.
drop index audit_signal;
create index audit_signal on audit (signal_id, user_id) where signal_id is not null;
