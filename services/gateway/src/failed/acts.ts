import { Problem } from '@switchyard/http';
import type { Tx } from '@switchyard/persistence';
import type { FailedCommand, FailedPlace } from './failed-item.js';

/** Remembers that a piece of failed work was dealt with. Throws `Problem` CONFLICT where somebody else has just done so. */
export const dealtWith = async (tx: Tx, { id }: FailedPlace, command: FailedCommand): Promise<void> => {
  const { rowCount } = await tx.query(
    `insert into gateway.acts (item_id, act_id, action, acted_by, reason, acted_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (item_id) do nothing`,
    [id, command.actId, command.action, command.actedBy, command.reason, command.at],
  );
  if (rowCount === 0) throw new Problem('CONFLICT', 'Somebody else has just dealt with this.', { facts: { id } });
};

/** SQL of a time as text with microseconds, as `FailedPlace` holds it. */
export const placeTime = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
