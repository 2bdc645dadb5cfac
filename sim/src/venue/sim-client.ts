import type {
  Answer,
  CancelOutcome,
  CouldNotAsk,
  LookupOutcome,
  NewOrder,
  NotSent,
  OrderRef,
  OutcomeUnknown,
  PlaceLimits,
  PlaceOutcome,
  Refused,
  UnknownReason,
  VenueClient,
} from '@switchyard/exchanges';
import type { Random } from '../kernel/random.js';
import type { World } from '../kernel/world.js';
import type { SimVenue, Taken } from './sim-venue.js';

/** The way between us and the venue while faults are on, as parts of requests. */
export interface Weather {
  /** Lost on the way there: nothing arrives. */
  readonly lostThere: number;
  /** Arrives late: after seconds rather than milliseconds. */
  readonly late: number;
  /** The venue took it, and its answer is lost, or cannot be read. */
  readonly lostBack: number;
  /** The connection is refused: nothing leaves. */
  readonly refused: number;
  /** An answer names a trade twice. */
  readonly doubled: number;
  /** The venue says 429 and takes nothing. */
  readonly limited: number;
}

/**
 * What may become of a single order, beside the weather.
 *
 * - barely in time: its bytes leave right before `sendBy`, and arrive right before the venue's window closes, over a connection that broke
 * - severed: the venue takes it, and its front is down from that moment on: the connection breaks, and no question is answered
 */
export type Peril = 'barely in time' | 'severed';

export interface ClientParts {
  readonly world: World;
  readonly random: Random;
  readonly venue: SimVenue;
  readonly weather: () => Weather;
  /** What becomes of the order that is about to be sent. */
  readonly peril: () => Peril | undefined;
  /** After which nothing is waited for, milliseconds. */
  readonly deadlineMs: number;
  /** How long after its claim an order may leave at most, milliseconds. */
  readonly sendWithinMs: number;
  /** How long after signing the venue takes a request, milliseconds. */
  readonly windowMs: number;
  /** The venue's clock less ours, as this client has it. */
  readonly offsetMs: () => number;
  /** Told when an order's bytes leave. */
  readonly onWrite: (order: NewOrder) => void;
}

/** How long an order waits for its socket that leaves barely in time, where it has so long: now and then it comes too late. */
const untilBarely = (random: Random, leftMs: number): number => Math.max(0, leftMs - random.between(-10, 100));

/** How long it is under way then: now and then it comes too late, too. */
const barelyMs = (random: Random, windowMs: number): number => windowMs - random.between(-10, 100);

/** A late request arrives at any time until well beyond its window, and often just before the window closes. */
const lateMs = (random: Random, windowMs: number): number =>
  random.chance(0.5) ? random.between(500, 2.4 * windowMs) : random.between(0.8 * windowMs, 1.02 * windowMs);

/** One account at the simulated venue: the exchange port, with a network that loses, delays and garbles. */
export const simClient = (parts: ClientParts, accountKey: string): VenueClient => {
  const { world, random, venue } = parts;

  /** One request, whose bytes have left: what comes back, `undefined` for silence. The venue may act on it whatever becomes of its sender. */
  const exchange = <T>(atVenue: () => T, mayBeLate: boolean, peril?: Peril): Promise<T | undefined> => {
    const { lostThere, late, lostBack } = peril === undefined ? parts.weather() : CALM;
    const isLost = random.chance(lostThere);
    const isLate = mayBeLate && random.chance(late);
    const thereMs = isLate
      ? lateMs(random, parts.windowMs)
      : peril === 'barely in time'
        ? barelyMs(random, parts.windowMs)
        : random.between(0.5, 30);
    const backMs = random.chance(0.02) ? random.between(100, 4_000) : random.between(0.5, 30);
    const isSilent = random.chance(lostBack) || peril !== undefined;
    return new Promise((resolve) => {
      world.scheduler.after(parts.deadlineMs, () => {
        resolve(undefined);
      });
      const { owner } = world.scheduler;
      // Something on the way holds the request, and breaks the connection.
      if ((isLate && random.chance(0.5)) || peril !== undefined)
        world.scheduler.after(random.between(1, 1_500), () => {
          resolve(undefined);
        });
      if (isLost) return;
      world.scheduler.inWorld(thereMs, () => {
        const answer = atVenue();
        const comeBack = (): void => {
          resolve(answer);
        };
        if (!isSilent) world.scheduler.after(backMs, comeBack, owner);
      });
    });
  };

  const ask = async <T>(name: string, atVenue: () => T): Promise<{ readonly value: T } | CouldNotAsk> => {
    try {
      await world.effect(`${name}: asks`, () => undefined);
    } catch {
      return couldNotAsk('connect');
    }
    if (random.chance(parts.weather().refused)) return couldNotAsk('connect');
    const value = await exchange(() => ({ value: atVenue() }), false);
    return value ?? couldNotAsk('timeout');
  };

  const answered = async <T>(name: string, atVenue: () => T): Promise<Answer<T>> => {
    const answer = await ask(name, atVenue);
    return 'kind' in answer ? answer : { kind: 'answered', value: answer.value };
  };

  return {
    venue: 'binance',
    place: async (order: NewOrder, { sendBy, recvWindowMs, beforeWrite }: PlaceLimits): Promise<PlaceOutcome> => {
      try {
        // Signing, and the wait for a socket.
        await world.effect('place: signs', () => undefined);
      } catch {
        return notSent('connect');
      }
      const { refused, limited } = parts.weather();
      if (random.chance(refused)) return notSent('connect');
      const peril = parts.peril();
      if (peril !== undefined) world.note('network', `${order.clientOrderId} is ${peril}`);
      if (peril === 'barely in time') {
        const leftMs = Math.min(sendBy - performance.now(), parts.sendWithinMs);
        await world.scheduler.pause(untilBarely(random, leftMs));
      }
      if (performance.now() > sendBy) return notSent('expired');
      if (beforeWrite?.() === false) return notSent('withheld');
      parts.onWrite(order);
      world.note(world.process.name, `sends ${order.clientOrderId}`);
      const expiresAt = Date.now() + parts.offsetMs() + recvWindowMs;
      const isLimited = random.chance(limited);
      const coming = exchange(
        (): Taken | 'limited' => (isLimited ? 'limited' : venue.receive(accountKey, order, expiresAt)),
        true,
        peril,
      );
      try {
        await world.effect('place: is out', () => undefined);
        const answer = await coming;
        await world.effect('place: has the answer', () => undefined);
        return outcomeOf(answer, venue, random);
      } catch {
        return unknown('connectionLost');
      }
    },
    lookup: async (ref: OrderRef): Promise<LookupOutcome> => {
      const answer = await ask('lookup', () => {
        // Some replica of the order store answers; it may lag.
        const row = venue.rowsOf(accountKey, ref.clientOrderId).find(({ knownFrom }) => knownFrom <= world.now);
        return row && { order: venue.report(row), fills: venue.fills(row) };
      });
      if ('kind' in answer) return answer;
      if (answer.value === undefined) return { kind: 'notFound' };
      const { order, fills } = answer.value;
      const doubled =
        fills.length > 0 && random.chance(parts.weather().doubled) ? [...fills, ...fills.slice(0, 1)] : fills;
      return { kind: 'found', order, fills: doubled, fillsComplete: true };
    },
    cancel: async ({ clientOrderId }, { sendBy }): Promise<CancelOutcome> => {
      try {
        await world.effect('cancel: signs', () => undefined);
      } catch {
        return notSent('connect');
      }
      const { refused: cut, limited } = parts.weather();
      if (random.chance(cut)) return notSent('connect');
      if (performance.now() > sendBy) return notSent('expired');
      world.note(world.process.name, `cancels ${clientOrderId}`);
      const isLimited = random.chance(limited);
      const answer = await exchange(() => (isLimited ? 'limited' : venue.cancel(accountKey, clientOrderId)), true);
      if (answer === undefined) return unknown('timeout');
      if (answer === 'limited') return refused('RATE_LIMITED');
      return answer === 'notOpen' ? { kind: 'notOpen' } : { kind: 'cancelled', order: null };
    },
    openOrders: () =>
      answered('open orders', () =>
        venue
          .rowsOfAccount(accountKey)
          .map((row) => venue.report(row))
          .filter(({ state }) => state === 'placed' || state === 'partially_filled'),
      ),
    orderFills: ({ venueOrderId }) =>
      answered('order fills', () =>
        venue
          .rowsOfAccount(accountKey)
          .filter((row) => row.venueOrderId === venueOrderId)
          .flatMap((row) => venue.fills(row)),
      ),
    tradesSince: ({ venueSymbol }, from) =>
      answered('trades', () => ({
        fills: venue
          .rowsOfAccount(accountKey)
          .filter(({ order }) => order.venueSymbol === venueSymbol)
          .flatMap((row) => venue.fills(row))
          .filter((fill) =>
            'sinceMs' in from ? fill.filledAtMs >= from.sinceMs : Number(fill.tradeId) > Number(from.afterTradeId),
          )
          .sort((a, b) => Number(a.tradeId) - Number(b.tradeId)),
        next: null,
      })),
    balances: () => answered('balances', () => venue.balances(accountKey)),
    fees: () => answered('fees', () => ({ maker: '0.001', taker: '0.001', scope: 'account' as const })),
  };
};

/** No weather of its own. */
const CALM: Pick<Weather, 'lostThere' | 'late' | 'lostBack'> = { lostThere: 0, late: 0, lostBack: 0 };

const UNREADABLE: readonly UnknownReason[] = ['unreadable', 'nonsense', 'serverError', 'unlisted'];

const outcomeOf = (answer: Taken | 'limited' | undefined, venue: SimVenue, random: Random): PlaceOutcome => {
  if (answer === undefined) return unknown('timeout');
  if (answer === 'limited') return refused('RATE_LIMITED');
  if (answer.kind === 'no') return answer.why === 'DUPLICATE' ? unknown('duplicate') : refused(answer.why);
  if (random.chance(0.02)) return unknown(random.pick(UNREADABLE));
  const { row } = answer;
  return { kind: 'accepted', venueOrderId: row.venueOrderId, order: venue.report(row), fills: venue.fills(row) };
};

const unknown = (reason: UnknownReason): OutcomeUnknown => ({
  kind: 'outcomeUnknown',
  reason,
  message: 'No answer that can be read.',
  evidence: null,
});

const notSent = (reason: 'connect' | 'expired' | 'withheld'): NotSent => ({
  kind: 'notSent',
  reason,
  message: 'Nothing was written.',
  retryAfterMs: null,
});

const refused = (code: 'RATE_LIMITED' | 'CLOCK_SKEW' | 'INSUFFICIENT_FUNDS'): Refused => ({
  kind: 'refused',
  code,
  message: 'The venue refused it.',
  facts: {},
  venueCode: '-1',
  retryAfterMs: null,
  evidence: null,
});

const couldNotAsk = (reason: 'connect' | 'timeout'): CouldNotAsk => ({
  kind: 'couldNotAsk',
  reason,
  message: 'No answer.',
  code: null,
  retryAfterMs: null,
  evidence: null,
});
