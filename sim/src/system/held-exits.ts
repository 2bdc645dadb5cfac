import type { EffectsPort, MemoryTx } from '@switchyard/log';
import { heldExitDue, type HeldExitsEffect } from '@switchyard/risk-service';
import type { World } from '../kernel/world.js';
import type { SimStage } from '../log/sim-stage.js';

const TABLE = 'held_exits';
const EVERY_MS = 500;

/** Risk's table of exits that wait, as its statements keep it in Postgres. */
export const heldExitsTable: EffectsPort<MemoryTx> = {
  apply: (tx, effects) => {
    for (const effect of effects as readonly HeldExitsEffect[]) tx.put(TABLE, effect.userId, effect);
    return Promise.resolve();
  },
};

/** Risk's alarm: claims the exits whose time has come, and appends that it has. */
export const ringHeldExits = (world: World, stage: SimStage): void => {
  setInterval(() => {
    const rows = [...stage.memory.table(TABLE).values()] as readonly HeldExitsEffect[];
    const isDue = (dueMs: number | undefined): dueMs is number => dueMs !== undefined && dueMs <= Date.now();
    const due = rows.filter(({ exits }) => exits.some(({ dueMs }) => isDue(dueMs)));
    if (due.length === 0) return;
    world
      .effect('risk: ring', () => {
        for (const row of due) {
          const ringing = row.exits.filter(({ dueMs }) => isDue(dueMs));
          const events = ringing.map(({ parentOrderId, signalId, dueMs }) =>
            heldExitDue({
              user_id: row.userId,
              parent_order_id: parentOrderId,
              signal_id: signalId,
              due_at: new Date(dueMs ?? 0),
            }),
          );
          const told = row.exits.map(({ dueMs, ...exit }) =>
            dueMs === undefined || isDue(dueMs) ? exit : { ...exit, dueMs },
          );
          stage.append(events, (tx) => {
            if (tx.get(TABLE, row.userId) === row) tx.put(TABLE, row.userId, { ...row, exits: told });
          });
        }
      })
      .catch(() => undefined);
  }, EVERY_MS);
};
