import { describe, expect, it } from '@jest/globals';
import { healthyRun } from '../testing/healthy-run.js';
import { check } from './check.js';
import type { AuditFact, Books, Evidence, Halt, Said } from './evidence.js';

/** The run with one thing in it that is not as it was. */
const doctored = (change: (run: Evidence) => Partial<Evidence>): Evidence => {
  const run = healthyRun();
  return { ...run, ...change(run) };
};

const withBooks = (change: (books: Books) => Partial<Books>): Evidence =>
  doctored(({ books }) => ({ books: { ...books, ...change(books) } }));

const without = (audit: readonly AuditFact[], ...topics: readonly string[]): readonly AuditFact[] =>
  audit.filter(({ signalId, topic }) => signalId !== 'sig-2' || !topics.includes(topic));

const saying = (audit: readonly AuditFact[], topic: string, said: Said): readonly AuditFact[] =>
  audit.map((fact) =>
    fact.topic === topic && fact.signalId === 'sig-1' ? { ...fact, said: { ...fact.said, ...said } } : fact,
  );

/** Around the time at which everything came to the venue. */
const HALT: Halt = {
  ...{ scope: 'user:ann', accountKeys: undefined, venues: ['binance'] },
  ...{ from: Date.parse('2026-11-21T10:00:03.000Z'), to: Date.parse('2026-11-21T10:00:05.000Z') },
};

describe('the judge of a run', () => {
  it('finds nothing in a run in which all went well', () => {
    expect(check(healthyRun())).toEqual({
      accepted: 3,
      executed: 2,
      refused: 1,
      unanswered: 0,
      reasons: { NOTHING_TO_CLOSE: 1 },
      counts: { lost: 0, doubled: 0, outOfOrder: 0, stuck: 0, booksDiffer: 0, auditBroken: 0, sentAfterHalt: 0 },
      violations: [],
    });
  });

  const END_OF_SIG_2 = ['OrderCompleted'];

  it.each<[string, Evidence, keyof ReturnType<typeof check>['counts'], RegExp]>([
    [
      'an accepted signal of which nobody has anything',
      doctored(({ offered }) => ({ offered: [...offered, { signalId: 'sig-4', userId: 'ann', answer: 'accepted' }] })),
      'lost',
      /sig-4 .*the trail has nothing/,
    ],
    [
      'an accepted signal whose story breaks off',
      doctored(({ audit }) => ({ audit: without(audit, ...END_OF_SIG_2) })),
      'lost',
      /sig-2 .*nobody has it; the trail has: .*OrderFilled/,
    ],
    [
      'an end that was told of another user’s signal of the same id',
      doctored(({ audit }) => ({
        audit: audit.map((fact) => (fact.topic === 'SignalRejected' ? { ...fact, userId: 'bob' } : fact)),
      })),
      'lost',
      /sig-3/,
    ],
    [
      'a signal that only refused its own repetition',
      doctored(({ audit }) => ({
        audit: audit.map((fact) =>
          fact.topic === 'SignalRejected' ? { ...fact, said: { code: 'SIGNAL_ID_REUSED' } } : fact,
        ),
      })),
      'lost',
      /sig-3/,
    ],
    [
      'an accepted signal that is still somewhere',
      doctored(({ audit }) => ({
        audit: without(audit, ...END_OF_SIG_2),
        inWork: new Map([['sig-2', ['execution’s queue: unknown']]]),
      })),
      'stuck',
      /sig-2 .*execution’s queue: unknown/,
    ],
    [
      'an account that follows a strategy, and got nothing of its signal',
      doctored(() => ({ copies: [{ signalId: 'sig-9/ann-binance', userId: 'ann', answer: 'accepted' }] })),
      'lost',
      /sig-9\/ann-binance .*the trail has nothing/,
    ],
    [
      'a purchase that came to a venue while its user was halted, verified',
      doctored(() => ({ halts: [{ ...HALT, accountKeys: ['key-ann'] }] })),
      'sentAfterHalt',
      /client-1 reached binance at .*user:ann was halted/,
    ],
    [
      'a purchase that came while everything was halted',
      doctored(() => ({ halts: [{ ...HALT, scope: 'global' }] })),
      'sentAfterHalt',
      /client-1 reached binance at .*global was halted/,
    ],
    [
      'an order that the venue took twice',
      doctored(({ ledger }) => ({ ledger: [...ledger, { ...ledger[0]!, venueOrderId: 'v-again', fills: [] }] })),
      'doubled',
      /client-1 was taken 2 times: binance v-client-1 at .*, binance v-again/,
    ],
    [
      'an order that a second venue took as well',
      doctored(({ ledger }) => ({ ledger: [...ledger, { ...ledger[0]!, venue: 'kraken' }] })),
      'doubled',
      /client-1 was taken 2 times: binance v-client-1 at .*, kraken v-client-1/,
    ],
    [
      'a part of an order that another venue traded besides',
      doctored(({ audit, ledger }) => ({
        audit: audit.flatMap((fact) =>
          fact.signalId === 'sig-1' && /^Order(Routed|Placed)/.test(fact.topic)
            ? [fact, { ...fact, said: { ...fact.said, orderId: 'child-9', clientOrderId: 'client-9' } }]
            : [fact],
        ),
        ledger: [...ledger, { ...ledger[0]!, venue: 'kraken', clientOrderId: 'client-9' }],
      })),
      'doubled',
      /parent order parent-1: the venues traded 0.02, and 0.01 was approved/,
    ],
    [
      'a parent of which more was traded than approved',
      doctored(({ audit }) => ({ audit: saying(audit, 'OrderApproved', { quantity: '0.0099' }) })),
      'doubled',
      /parent order parent-1: the venues traded 0.01, and 0.0099 was approved/,
    ],
    [
      'a child of which more was traded than routed',
      doctored(({ audit }) => ({ audit: saying(audit, 'OrderRouted.binance', { quantity: '0.005' }) })),
      'doubled',
      /order child-1: the venues traded 0.01/,
    ],
    [
      'a trade that nobody approved',
      doctored(({ audit }) => ({
        audit: audit.filter(({ topic, signalId }) => topic !== 'OrderApproved' || signalId !== 'sig-1'),
      })),
      'doubled',
      /parent order parent-1: .*nothing was approved/,
    ],
    [
      'a signal that was approved twice',
      doctored(({ audit }) => ({
        audit: [
          ...audit,
          {
            ...audit.find(({ topic }) => topic === 'OrderApproved')!,
            ...{ row: 99, sequence: 3, eventId: 'again', said: { parentOrderId: 'parent-9', quantity: '0.01' } },
          },
        ],
      })),
      'doubled',
      /sig-1: it was approved as parent-1 and parent-9/,
    ],
    [
      'a missing number of a source',
      doctored(({ audit }) => ({ audit: audit.filter(({ row }) => row !== 2) })),
      'outOfOrder',
      /signal-validation\/3\/1 on SignalValidated\/3: number 2 follows 0/,
    ],
    [
      'a repeated number of a source',
      doctored(({ audit }) => ({ audit: [...audit, { ...audit.at(-1)!, row: 99 }] })),
      'outOfOrder',
      /risk\/3\/1 on SignalRejected\/3: number 1 follows 1/,
    ],
    [
      'another event under a number that was used, at a door',
      doctored(({ audit }) => ({
        audit: [
          ...audit,
          { ...audit.find(({ topic }) => topic === 'TradingSignalGenerated')!, row: 99, eventId: 'another' },
        ],
      })),
      'outOfOrder',
      /signal-validation\/3\/1 on TradingSignalGenerated\/3: number 1 follows 3/,
    ],
    [
      'two numbers of a source that changed places',
      doctored(({ audit }) => {
        const [first, second] = audit.filter(({ topic }) => topic === 'OrderCompleted');
        const swapped = new Map([
          [first, { ...first!, sequence: 2 }],
          [second, { ...second!, sequence: 1 }],
        ]);
        return { audit: audit.map((fact) => swapped.get(fact) ?? fact) };
      }),
      'outOfOrder',
      /routing\/3\/1 on OrderCompleted\/3: number 2 follows 0/,
    ],
    [
      'a version of an order that is missing',
      doctored(({ audit }) => ({ audit: saying(audit, 'OrderFilled', { orderVersion: 3 }) })),
      'outOfOrder',
      /order child-1: its versions are 1, 3/,
    ],
    [
      'a version of an order that comes twice',
      doctored(({ audit }) => ({ audit: saying(audit, 'OrderFilled', { orderVersion: 1 }) })),
      'outOfOrder',
      /order child-1: its versions are 1, 1/,
    ],
    [
      'a user’s signals that overtook each other',
      doctored(({ offered }) => ({ offered: [...offered].reverse() })),
      'outOfOrder',
      /ann on SignalValidated: sig-2 stands behind sig-1, which was sent later/,
    ],
    [
      'a fill of which our books know nothing',
      withBooks(({ executions }) => ({ executions: executions.slice(1) })),
      'booksDiffer',
      /our books lack trade t-1 at binance of client-1 in key-ann: 0.01 at 7000/,
    ],
    [
      'a fill in our books that the venue never made',
      withBooks(({ executions }) => ({ executions: [...executions, { ...executions[0]!, tradeId: 't-9' }] })),
      'booksDiffer',
      /the venue has no trade t-9/,
    ],
    [
      'a fill that stands in our books twice',
      withBooks(({ executions }) => ({ executions: [...executions, executions[0]!] })),
      'booksDiffer',
      /1 fills are in our books twice/,
    ],
    [
      'a fill at another price',
      withBooks(({ executions }) => ({
        executions: executions.map((one) => (one.tradeId === 't-1' ? { ...one, price: '7000.01' } : one)),
      })),
      'booksDiffer',
      /the venue has no trade t-1 .*7000.01/,
    ],
    [
      'an order that failed here and was filled there',
      withBooks(({ orders }) => ({
        orders: orders.map((order) =>
          order.orderId === 'child-1' ? { ...order, status: 'failed', filledQuantity: '0' } : order,
        ),
      })),
      'booksDiffer',
      /order child-1 is failed with 0 filled, and the venue filled 0.01/,
    ],
    [
      'an order that is over here and rests there',
      doctored(({ ledger }) => ({ ledger: ledger.map((row) => ({ ...row, status: 'open' as const })) })),
      'booksDiffer',
      /order child-1 is filled here and open at the venue/,
    ],
    [
      'an order at another venue than it was routed to',
      doctored(({ ledger }) => ({ ledger: ledger.map((row) => ({ ...row, venue: 'kraken' })) })),
      'booksDiffer',
      /order child-1 is at kraken, and was routed to binance/,
    ],
    [
      'a fill that our books have at another venue',
      withBooks(({ executions }) => ({ executions: executions.map((one) => ({ ...one, venue: 'kraken' })) })),
      'booksDiffer',
      /our books lack trade t-1 at binance/,
    ],
    [
      'an order at the venue that nobody here knows',
      doctored(({ ledger }) => ({ ledger: [...ledger, { ...ledger[0]!, clientOrderId: 'stranger', fills: [] }] })),
      'booksDiffer',
      /binance has stranger \(filled\), and nobody here knows it/,
    ],
    [
      'a position that is not what the fills made of it',
      withBooks(({ positions }) => ({ positions: positions.map((one) => ({ ...one, status: 'open' as const })) })),
      'booksDiffer',
      /key-ann BTC: the open position is 0.01, the venue has 0/,
    ],
    [
      'books that hold what was sold',
      withBooks(({ held }) => ({ held: held.map((one) => ({ ...one, quantity: '0.01' })) })),
      'booksDiffer',
      /key-ann BTC: reconciliation holds 0.01, the venue says 0/,
    ],
    [
      'a balance that is not the venue’s',
      withBooks(({ balances }) => ({ balances: balances.map((one) => ({ ...one, quantity: '100000' })) })),
      'booksDiffer',
      /key-ann USDT: the balance shown 100000, the venue says 99999.86007/,
    ],
    [
      'funds that risk believes to be there',
      withBooks(({ countedOn }) => ({ countedOn: countedOn.map((one) => ({ ...one, quantity: '100000' })) })),
      'booksDiffer',
      /key-ann USDT: risk counts on 100000, the venue says 99999.86007/,
    ],
    [
      'a reservation that outlives its order',
      withBooks(() => ({ reserved: [{ userId: 'ann', parentOrderId: 'parent-2' }] })),
      'booksDiffer',
      /ann: risk still reserves for parent-2, which is over/,
    ],
    [
      'a trail that was changed',
      doctored(() => ({ trail: ['row 3 was changed'] })),
      'auditBroken',
      /row 3 was changed/,
    ],
  ])('finds %s', (_, run, rule, sentence) => {
    const { counts, violations } = check(run);
    expect(counts[rule]).toBeGreaterThan(0);
    expect(violations.filter((one) => one.rule === rule).map((one) => one.sentence)).toContainEqual(
      expect.stringMatching(sentence),
    );
  });

  it('asks nothing of a signal that was never answered, but that it is not traded twice', () => {
    const run = doctored(({ offered }) => ({
      offered: [...offered, { signalId: 'sig-4', userId: 'ann', answer: 'none' as const }],
    }));
    expect(check(run)).toMatchObject({ accepted: 3, unanswered: 1, violations: [] });
  });

  it('takes the first of two copies of a signal that was sent again without an answer', () => {
    const run = doctored(({ audit }) => {
      const copy = audit.find(({ signalId, topic }) => signalId === 'sig-1' && topic === 'TradingSignalGenerated')!;
      return { audit: [...audit, { ...copy, row: 99, source: undefined, sequence: 0, eventId: 'again' }] };
    });
    expect(check(run).violations).toEqual([]);
  });

  it('allows the numbers to be missing under which the trail says that a door repeated itself, and no others', () => {
    const door = { chain: 3, topic: 'TradingSignalGenerated', source: 'signal-validation/3/1' };
    // The last of three signals at the door comes under number 6: 3 to 5 are not in the trail.
    const run = (repeats: readonly number[]): Evidence =>
      doctored(({ audit }) => ({
        audit: audit.map((fact) =>
          fact.topic === door.topic && fact.sequence === 3 ? { ...fact, sequence: 6 } : fact,
        ),
        repeats: repeats.map((sequence) => ({ ...door, sequence })),
      }));
    expect(check(run([3, 4, 5])).violations).toEqual([]);
    expect(check(run([5, 3])).violations.map(({ rule, sentence }) => `${rule}: ${sentence}`)).toEqual([
      expect.stringMatching(
        /^outOfOrder: signal-validation\/3\/1 on TradingSignalGenerated\/3: number 6 follows 3 in row/,
      ),
    ]);
    // A copy of what is there leaves no hole.
    expect(check(doctored(() => ({ repeats: [{ ...door, sequence: 2 }] }))).violations).toEqual([]);
  });

  it('takes dust for what is held', () => {
    const run = withBooks(({ positions }) => ({ positions: positions.map((one) => ({ ...one, dust: '0.000004' })) }));
    expect(check(run).violations.map(({ sentence }) => sentence)).toEqual([
      'key-ann BTC: what the last position left is 0.000004, the venue has 0',
    ]);
  });
});
