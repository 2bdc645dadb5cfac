import { describe, expect, it } from '@jest/globals';
import { identityKey, type SignalIdentity } from '@switchyard/signal';
import { snapshot } from '../testing/market.js';
import { newSignal } from '../testing/stages.js';
import { AdmissionBatcher } from './admission-batcher.js';
import { ListedMarket } from '../market/listed-market.js';
import type { AdmissibleSignal, SignalAdmission } from './signal-admission.js';
import { SignalIntake } from './signal-intake.js';

const T0 = new Date('2026-11-21T02:47:10.000Z');
const later = (seconds: number): Date => new Date(T0.getTime() + seconds * 1_000);

/** Validation's memory of ids. */
class Identities implements SignalAdmission {
  readonly admitted: AdmissibleSignal[] = [];
  private readonly known = new Map<string, string>();
  parked = false;

  admit = (signals: readonly AdmissibleSignal[]) =>
    Promise.resolve(
      signals.map((item) => {
        const key = identityKey(item.signal);
        const before = this.known.get(key);
        if (before !== undefined) return before === item.contentHash ? ('same' as const) : ('reused' as const);
        if (this.parked) return 'parked' as const;
        this.known.set(key, item.contentHash);
        this.admitted.push(item);
        return 'admitted' as const;
      }),
    );

  identityOf = (signal: Parameters<typeof identityKey>[0]): Promise<SignalIdentity | undefined> => {
    const hash = this.known.get(identityKey(signal));
    return Promise.resolve(hash === undefined ? undefined : { status: 'admitted', hash });
  };
}

const LIMITS = { maxSignalBytes: 4_096, maxStrategySignalBytes: 1_024, userMaxParked: 1_000 };
const BOUNDS = { waiting: 100, waitingPerUser: 100, ratePerUser: { perSecond: 1_000, burst: 1_000 } };

const setUp = (listed = true) => {
  const identities = new Identities();
  const market = new ListedMarket(10_000);
  const clock = { now: T0 };
  const intake = new SignalIntake(
    identities,
    new AdmissionBatcher(identities, BOUNDS),
    market,
    LIMITS,
    () => clock.now,
  );
  const sender = { caller: { userId: 'alice', role: 'trader', tokenId: 't' }, traceparent: undefined } as const;
  const follow = market.follow({
    tail: (_, onRecord) => {
      if (listed) onRecord({ key: 'binance/BTC-USD', payload: snapshot('binance', 'BTC-USD', T0) as never });
      return Promise.resolve();
    },
  });
  return { identities, clock, send: (body: unknown) => follow.then(() => intake.accept(body, sender)) };
};

const at = (time: Date) => newSignal('s-1', { generatedAt: time.toISOString() });

describe('the door for signals', () => {
  it('knows a signal that it accepted however old it has become', async () => {
    const { clock, send } = setUp();
    const accepted = await send(at(T0));
    clock.now = later(3_600);
    expect(await send(at(T0))).toEqual(accepted);
  });

  it('says that an id was used before it says that the signal is old', async () => {
    const { clock, send } = setUp();
    await send(at(T0));
    clock.now = later(3_600);
    await expect(send({ ...at(T0), side: 'sell' })).rejects.toMatchObject({ code: 'SIGNAL_ID_REUSED', status: 409 });
  });

  it.each([
    ['old', -31, 'SIGNAL_STALE'],
    ['ahead', 6, 'SIGNAL_FROM_FUTURE'],
  ])('refuses a new signal that is too %s, and claims nothing', async (_, seconds, code) => {
    const { identities, send } = setUp();
    await expect(send(at(later(seconds)))).rejects.toMatchObject({ code, status: 400 });
    expect(identities.admitted).toEqual([]);
  });

  it('fills in user and time, says so, and knows the signal again when it is sent without them later', async () => {
    const { identities, clock, send } = setUp();
    const accepted = await send(newSignal('s-1'));
    expect(identities.admitted[0]!.signal).toMatchObject({
      userId: 'alice',
      generatedAt: T0.toISOString(),
      defaulted: ['userId', 'generatedAt'],
    });
    clock.now = later(20);
    expect(await send({ ...newSignal('s-1'), userId: null })).toEqual(accepted);
    expect(identities.admitted).toHaveLength(1);
  });

  it("doesn't let the sender say what was defaulted: the content hash covers what was sent", async () => {
    const { identities, send } = setUp();
    await send({ ...at(T0), userId: 'alice', defaulted: ['size', 'side'] });
    expect(identities.admitted[0]!.signal.defaulted).toBeUndefined();
    await expect(send({ ...at(T0), userId: 'alice', side: 'sell', defaulted: ['size', 'side'] })).rejects.toMatchObject(
      {
        code: 'SIGNAL_ID_REUSED',
      },
    );
  });

  it('takes nothing new in for a user whose events wait for an operator, and knows what it took before', async () => {
    const { identities, send } = setUp();
    const accepted = await send(at(T0));
    identities.parked = true;
    expect(await send(at(T0))).toEqual(accepted);
    await expect(send({ ...at(T0), signalId: 's-2' })).rejects.toMatchObject({
      code: 'USER_PARKED',
      status: 409,
      options: { facts: { userId: 'alice', limit: 1_000 } },
    });
  });

  it('refuses what validation would find too large, and claims nothing', async () => {
    const { identities, send } = setUp();
    const large = { ...at(T0), metadata: { note: 'x'.repeat(4_096) } };
    await expect(send(large)).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE', status: 413 });
    expect(identities.admitted).toEqual([]);
  });

  it('asks to try again while no market is known at all', async () => {
    await expect(setUp(false).send(at(T0))).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 });
    await expect(setUp().send({ ...at(T0), pair: 'XXX-YYY' })).rejects.toMatchObject({ code: 'UNKNOWN_PAIR' });
  });
});
