import { OWNER_HEADER } from '@switchyard/contracts';
import { encodeRecord, partitionOf } from '@switchyard/log';
import type { Queryable } from '@switchyard/persistence';
import { identityKey, type SignalIdentity } from '@switchyard/signal';
import type { AdmissibleSignal, AdmissionOutcome, SignalAdmission } from './signal-admission.js';

const TOPIC = 'TradingSignalGenerated';

/** Calls the admit function of signal validation's schema: one statement, its own transaction. */
export class PostgresAdmission implements SignalAdmission {
  /**
   * @param maxParked events of a user that may wait for an operator; with more of them new signals are `parked`
   * @param announce tells readers of the log that there is something in these topics of a deployment's shards
   */
  constructor(
    private readonly db: Queryable,
    private readonly partitions: number,
    private readonly maxParked: number,
    private readonly announce: (deployment: string, topics: readonly string[]) => void,
  ) {}

  async admit(signals: readonly AdmissibleSignal[]): Promise<readonly AdmissionOutcome[]> {
    const frames = signals.map(frameOf);
    let end = 0;
    const offsets = frames.map((frame) => (end += frame.length) - frame.length);
    const { rows } = await this.db.query<{ outcome: AdmissionOutcome }>(ADMIT, [
      signals.map(({ signal }) => identityKey(signal)),
      signals.map(({ contentHash }) => contentHash),
      signals.map(({ owner }) => partitionOf(owner, this.partitions)),
      offsets,
      frames.map(({ length }) => length),
      Buffer.concat(frames, end),
      this.maxParked,
    ]);
    if (rows.length !== signals.length)
      throw new Error(`admission answered ${rows.length} of ${signals.length} signals`);
    this.announce('signal-validation', [TOPIC]);
    return rows.map(({ outcome }) => outcome);
  }

  async identityOf(signal: Parameters<typeof identityKey>[0]): Promise<SignalIdentity | undefined> {
    const { rows } = await this.db.query<{ doc: string | null }>(IDENTITY, [identityKey(signal)]);
    const doc = rows[0]?.doc;
    return doc === null || doc === undefined ? undefined : (JSON.parse(doc) as SignalIdentity);
  }
}

const ADMIT = {
  name: 'gateway:admit',
  text: 'select outcome from signal_validation.admit($1, $2, $3, $4, $5, $6, $7) order by ordinal',
};

const IDENTITY = { name: 'gateway:identity', text: 'select signal_validation.identity_of($1) as doc' };

const OF_STRATEGY = { [OWNER_HEADER]: 'strategy' };

const frameOf = ({ signal, owner, eventId, value, receivedAt, traceparent }: AdmissibleSignal): Buffer =>
  encodeRecord({
    key: owner,
    id: eventId,
    type: TOPIC,
    time: receivedAt.toISOString(),
    correlationId: signal.signalId,
    traceparent,
    // The audit trail is to give it to no user of that name.
    extra: signal.userId === undefined ? OF_STRATEGY : undefined,
    value,
  });
