-- What each replica's last calls to the venue came to, so that any of them can tell what all of them know. Unlogged: it is told again
-- within seconds.
create unlogged table venue_calls (
  replica text primary key,
  calls jsonb not null,
  told_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);
