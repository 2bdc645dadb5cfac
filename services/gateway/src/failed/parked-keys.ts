import { EVENTS, schemaParts, typeOfTopic } from '@switchyard/contracts';
import { Problem } from '@switchyard/http';
import { discardParked, findParked, listParked, releaseParked, type ParkedKey } from '@switchyard/log-postgres';
import type { Database, Tx } from '@switchyard/persistence';
import type { FailedCommand, FailedEffect, FailedItem, FailedQuery, FailedSource } from './failed-item.js';

/** Keys that a stage can't go on with (libs/messaging/postgres/src/parked.ts). What is released is handled by its own stage, in order. */
export class ParkedKeys implements FailedSource {
  readonly kind = 'parked';

  constructor(private readonly db: Database) {}

  async list({ userId, after, limit }: FailedQuery): Promise<readonly FailedItem[]> {
    const keys = await listParked(this.db, {
      ...(userId === undefined ? {} : { key: userId }),
      ...(after === undefined ? {} : { after }),
      limit,
    });
    return keys.map(itemOf).filter((item) => userId === undefined || item.userId === userId);
  }

  async find(id: string): Promise<FailedItem | undefined> {
    const parked = await findParked(this.db, id);
    return parked === undefined ? undefined : itemOf(parked);
  }

  async act(tx: Tx, { id }: FailedItem, { action, events }: FailedCommand): Promise<FailedEffect> {
    const parked = await findParked(tx, id);
    if (parked === undefined) throw gone(id);
    if (action === 'retry')
      throw new Problem(
        'ACTION_NOT_POSSIBLE',
        'A parked key is released: its first event is tried again, and those behind it follow in their order.',
        { facts: { id, possible: ['release', 'discard'] } },
      );
    return action === 'release' ? release(tx, parked) : discard(tx, parked, events ?? 'first');
  }
}

const release = async (tx: Tx, parked: ParkedKey): Promise<FailedEffect> => {
  if (!(await releaseParked(tx, parked))) throw gone(parked.id);
  return {
    sentence: `${parked.group} handles ${counted(parked.events)} in their order. What fails again stays parked.`,
    facts: { ...placeOf(parked), events: parked.events, first: parked.first },
    wakes: { deployment: parked.group, topics: [] },
  };
};

const discard = async (tx: Tx, parked: ParkedKey, which: 'first' | 'all'): Promise<FailedEffect> => {
  if (parked.group === 'journal')
    throw new Problem(
      'ACTION_NOT_POSSIBLE',
      'The journal drops nothing: the audit trail would not be whole. Deploy a journal that can record the event, then release it.',
      { facts: { id: parked.id, possible: ['release'] } },
    );
  const dropped = await discardParked(tx, parked, which);
  if (dropped === undefined)
    throw new Problem('CONFLICT', 'Its release is under way: look again in a moment.', { facts: { id: parked.id } });
  const rest = dropped.left === 0 ? 'Nothing else waits.' : `${counted(dropped.left)} behind it are released.`;
  return {
    sentence: `${parked.group} never handles ${counted(dropped.count)}. ${rest}`,
    facts: { ...placeOf(parked), discarded: dropped.count, released: dropped.left, events: dropped.refs },
    wakes: { deployment: parked.group, topics: [] },
  };
};

const placeOf = ({ group, partition, key, reason }: ParkedKey) => ({ group, partition, key, parkedFor: reason });
const counted = (events: number): string => (events === 1 ? 'the one event that waits' : `${events} events`);
const gone = (id: string): Problem => new Problem('NOT_FOUND', 'This key is not parked any more.', { facts: { id } });

const itemOf = (parked: ParkedKey): FailedItem => {
  const { id, group, partition, key, reason, since, events, attempts, releasing, first } = parked;
  return {
    id,
    kind: 'parked',
    at: since,
    userId: first !== undefined && isOfUser(first.topic, key) ? key : undefined,
    signalId: undefined,
    actions: group === 'journal' ? ['release'] : ['release', 'discard'],
    told: { group, events, releasing },
    internals: { partition, key, reason, attempts, ...(first === undefined ? {} : { first }) },
    ...(releasing ? { done: 'release' } : {}),
  };
};

/** Whether the key of this topic's events is a user. */
const isOfUser = (topic: string, key: string): boolean => {
  const type = typeOfTopic(topic);
  return type !== undefined && EVENTS[type].key === 'user' && schemaParts.identifier.safeParse(key).success;
};
