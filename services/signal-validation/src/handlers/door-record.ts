import { hash } from 'node:crypto';
import { decodeDoor, parseEvent, type BadField, type TradingSignalGenerated } from '@switchyard/contracts';
import type { DocumentRef, LogEvent } from '@switchyard/log';
import { refuse } from '@switchyard/model';
import { canonicalContent, identityKey, ownerOf, type ReadSignal } from '@switchyard/signal';

/** What lies at the door, once it was looked at. */
export type DoorRecord =
  /** Whose it is can't be read, or it isn't its key's: dead letter, and no id claimed. */
  | { readonly type: 'dead'; readonly code: 'UNREADABLE' | 'KEY_MISMATCH'; readonly message: string }
  | {
      readonly type: 'signal';
      readonly signalId: string;
      /** The user; a strategy's id where no user is named. */
      readonly owner: string;
      readonly identity: DocumentRef;
      /** Where the policy of the user lies; none for a strategy's own signal. */
      readonly policy: DocumentRef | undefined;
      /** What was sent, its nulls left out. */
      readonly value: unknown;
    };

/** A stranger's metadata may hold anything; deeper than this nobody means it. */
const MAX_DEPTH = 32;

const looked = new WeakMap<LogEvent, DoorRecord>();

/** Whose a record is. Looked at twice, to name its documents and to handle it; decoded once. */
export const doorRecord = (event: LogEvent): DoorRecord => {
  let record = looked.get(event);
  if (record === undefined) {
    record = readRecord(event);
    looked.set(event, record);
  }
  return record;
};

const readRecord = (event: LogEvent): DoorRecord => {
  const reading = decodeDoor('TradingSignalGenerated', event.headers['content-type'], event.value);
  if (!reading.ok) return { type: 'dead', code: 'UNREADABLE', message: reading.problem };
  const ids = idsOf(reading.value);
  if (ids === undefined) {
    const message = 'The signalId, or the userId (strategyId where no userId is given), is missing or not an id.';
    return { type: 'dead', code: 'UNREADABLE', message };
  }
  const owner = ownerOf(ids);
  if (owner !== event.key) {
    return { type: 'dead', code: 'KEY_MISMATCH', message: "The record's key is not its userId or strategyId." };
  }
  return {
    type: 'signal',
    signalId: ids.signalId,
    owner,
    identity: { kind: 'identity', key: identityKey(ids) },
    policy: ids.userId === undefined ? undefined : { kind: 'policy', key: ids.userId },
    value: reading.value,
  };
};

/** The signal in a record, or every field that is wrong with it. */
export const readSignal = (value: unknown, event: LogEvent, maxBytes: number): ReadSignal => {
  const bytes = event.value.length;
  if (bytes > maxBytes) return { ok: false, refusal: refuse('TOO_LARGE', { bytes, maxBytes }) };
  const parsed = parseEvent('TradingSignalGenerated', value);
  if (!parsed.ok) return malformed(parsed.problems);
  const signal = isOurDoors(event) ? parsed.value : asSent(parsed.value);
  if (isDeeperThan(signal.metadata, MAX_DEPTH)) {
    return malformed([{ path: 'metadata', problem: `must not be nested deeper than ${MAX_DEPTH} levels` }]);
  }
  return { ok: true, signal, hash: hash('sha256', canonicalContent(signal), 'hex') };
};

const malformed = (fields: readonly BadField[]): ReadSignal => ({
  ok: false,
  refusal: refuse('MALFORMED', { fields }),
});

/** Admitted by `signal_validation.admit`, whose events lie in this stage's own shards; not what an operator put back for a stranger. */
const isOurDoors = ({ source }: LogEvent): boolean => source?.startsWith('signal-validation/') === true;

/** Only our own door fills fields in, and only our fan-out copies: what a stranger lists as filled in was sent, and is no copy. */
const asSent = (signal: TradingSignalGenerated): TradingSignalGenerated => {
  if (signal.defaulted === undefined && signal.copyOf === undefined) return signal;
  const sent = { ...signal };
  delete sent.defaulted;
  delete sent.copyOf;
  return sent;
};

interface Ids {
  readonly signalId: string;
  readonly userId: string | undefined;
  readonly strategyId: string | undefined;
}

/** The contracts' identifier, without the cost of a schema's report. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}$/;
const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

/** The ids by which a record can be answered, whatever else is wrong with it. */
const idsOf = (value: unknown): Ids | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { signalId, userId, strategyId } = value as Readonly<Record<string, unknown>>;
  if (!isId(signalId)) return undefined;
  if (userId !== undefined) return isId(userId) ? { signalId, userId, strategyId: undefined } : undefined;
  return isId(strategyId) ? { signalId, userId, strategyId } : undefined;
};

const isDeeperThan = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((part) => isDeeperThan(part, depth - 1));
};
