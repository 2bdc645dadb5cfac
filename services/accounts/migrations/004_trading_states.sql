-- What may be traded in a scope: 'global', 'venue:<venue>' or 'user:<userId>'. A scope that was never changed has no row, and is active.
CREATE TABLE trading_states (
  scope       text        PRIMARY KEY,
  state       text        NOT NULL CHECK (state IN ('active', 'reducing', 'halted')),
  version     bigint      NOT NULL,
  reason      text        NOT NULL,
  cancel_open boolean     NOT NULL,
  changed_by  text        NOT NULL,
  role        text        NOT NULL,
  changed_at  timestamptz NOT NULL,
  -- The least strict state that an operator leaves to the user, and why: nobody but an operator goes below it.
  held        text        NOT NULL CHECK (held IN ('active', 'reducing', 'halted')),
  held_reason text,
  -- How often the state was told to those who keep it in memory, as a number that rises for good; and whether this version was.
  telling     bigint      NOT NULL DEFAULT 0,
  is_told     boolean     NOT NULL DEFAULT false,
  told_at     timestamptz
) WITH (fillfactor = 50);
CREATE INDEX trading_states_to_tell ON trading_states (scope) WHERE NOT is_told;

-- The newest word of each venue's executor on a scope.
CREATE TABLE trading_state_reports (
  scope      text        NOT NULL,
  venue      text        NOT NULL,
  version    bigint      NOT NULL,
  report     int         NOT NULL,
  unresolved int         NOT NULL,
  open       int         NOT NULL,
  cancelled  int         NOT NULL,
  orders     jsonb       NOT NULL,
  applied_at timestamptz NOT NULL,
  PRIMARY KEY (scope, venue)
) WITH (fillfactor = 70);
