import type { OperatorActed } from '@switchyard/contracts';
import type { Principal } from '@switchyard/auth';
import { Problem } from '@switchyard/http';
import { deriveId, type EventLog, type OutgoingEvent } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import type { Announce } from '@switchyard/runtime';
import { z } from 'zod';
import { decodeCursor, pageOf, type Page } from '../journal/cursor.js';
import type { FailedAction, FailedCommand, FailedItem, FailedKind, FailedSource } from './failed-item.js';

export interface FailedListQuery {
  readonly kind: FailedKind | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

export interface FailedAct {
  readonly action: FailedAction;
  readonly reason: string;
  readonly events: 'first' | 'all' | undefined;
}

export interface Acted {
  readonly item: FailedItem;
  /** Undefined where it had been done before: nothing was done now. */
  readonly done: { readonly actId: string; readonly at: Date; readonly sentence: string } | undefined;
}

/**
 * Everything that failed, of all kinds, newest first; and what an operator may do about it.
 *
 * What is done, and the event that tells who did it and why (`OperatorActed`), are one commit. The same again is answered and not done
 * again. An order is never sent again by anything here.
 */
export class FailedWork {
  constructor(
    private readonly db: Database,
    private readonly log: Pick<EventLog<Tx>, 'append'>,
    private readonly announce: Announce,
    private readonly sources: readonly FailedSource[],
    private readonly clock: () => Date = () => new Date(),
  ) {}

  async list(userId: string | undefined, { kind, limit, cursor }: FailedListQuery): Promise<Page<FailedItem>> {
    const after = decodeCursor(PLACE, cursor);
    const asked = this.sources.filter((source) => kind === undefined || source.kind === kind);
    const found = await Promise.all(asked.map((source) => source.list({ userId, after, limit: limit + 1 })));
    const newest = found
      .flat()
      .sort((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1))
      .slice(0, limit + 1);
    return pageOf(
      newest,
      limit,
      (item) => item,
      ({ at, id }) => ({ at, id }),
    );
  }

  /** Throws `Problem`: NOT_FOUND, CONFLICT, ACTION_NOT_POSSIBLE. */
  async act(id: string, { action, reason, events }: FailedAct, caller: Principal): Promise<Acted> {
    const source = ID.test(id) ? this.sources.find(({ kind }) => id.startsWith(`${kind}-`)) : undefined;
    const item = await source?.find(id);
    if (source === undefined || item === undefined)
      throw new Problem('NOT_FOUND', 'There is no such failed work; it may have been dealt with.', { facts: { id } });
    if (item.done === action) return { item, done: undefined };
    if (item.done !== undefined)
      throw new Problem('CONFLICT', `This was dealt with already (${item.done}).`, { facts: { id } });
    const at = this.clock();
    const actId = deriveId('act', id, action, caller.userId, at.toISOString());
    const command: FailedCommand = { action, actId, actedBy: caller.userId, reason, at, events };
    const { sentence, wakes } = await this.db.transaction(async (tx) => {
      const effect = await source.act(tx, item, command);
      await this.log.append(tx, [operatorActed(item, command, caller, effect.facts)]);
      return effect;
    });
    if (wakes !== undefined) this.announce(wakes.deployment, wakes.topics);
    return { item, done: { actId, at, sentence } };
  }
}

const ID = /^[!-~]{1,200}$/;

const PLACE = z.object({ at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/), id: z.string() });

/** Keyed by the user it concerns, so that they see who did what for them; what is nobody's, by who acted. */
const operatorActed = (
  { id, kind, userId, signalId }: FailedItem,
  { action, actId, reason, at }: FailedCommand,
  caller: Principal,
  facts: OperatorActed['facts'],
): OutgoingEvent => {
  const payload: OperatorActed = {
    actId,
    action,
    itemKind: kind,
    itemId: id,
    ...(userId === undefined ? {} : { userId }),
    actedBy: caller.userId,
    role: caller.role,
    tokenId: caller.tokenId,
    reason,
    facts,
    actedAt: at.toISOString(),
  };
  return {
    topic: 'OperatorActed',
    type: 'OperatorActed',
    key: userId ?? caller.userId,
    payload,
    cause: { id: actId, ...(signalId === undefined ? {} : { correlationId: signalId }) },
  };
};
