import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import { eventually } from './testing/eventually.js';
import { PaperVenue } from './testing/paper-venue.js';
import { StandaloneProcess, cleanUp } from './testing/standalone-process.js';
import { aSignal, ended, newTrader, settle, type Trader } from './testing/trader.js';

/** The rules of a trade, from the REST door to the venue's ledger and back. One process; each test has users of its own. */
describe('trading', () => {
  let standalone: StandaloneProcess;
  let venue: PaperVenue;
  let users = 0;

  const trader = (options: Partial<Parameters<typeof newTrader>[1]> = {}): Promise<Trader> =>
    newTrader(standalone, {
      userId: `trader-${++users}`,
      limits: { tradesPerSecond: 1_000, burst: 1_000 },
      ...options,
    });

  beforeAll(async () => {
    standalone = await StandaloneProcess.start({ args: ['--no-demo'] });
    venue = new PaperVenue(standalone.venueUrl);
    await standingBook();
    await bookKnown();
  }, 90_000);
  beforeEach(() => standingBook());
  afterAll(cleanUp, 60_000);

  const standingBook = (): Promise<void> => venue.setBook('BTCUSDT', '7200.00', '7200.10');

  /** A book set by hand is a jump in price: an order approved before it would not be paid by what was reserved. */
  const bookKnown = async (): Promise<void> => {
    const { rest } = await trader();
    await eventually(async () => {
      const { orderIds, refusals } = await settle(rest, aSignal());
      expect(refusals).toEqual([]);
      const { history } = (await rest.get(`/v1/orders/${orderIds[0] as string}`)).body;
      const approval = history.find(({ event }: any) => event === 'OrderApproved');
      expect(approval.facts.referencePrice).toBe('7200.05');
    });
  };

  describe('an exit', () => {
    it('without a size closes the whole position, and says what was won or lost', async () => {
      const { rest } = await trader();
      expect(await settle(rest, aSignal({ tradeId: 'swing-1' }))).toMatchObject({ status: 'done', refusals: [] });
      const opened = await eventually(async () => {
        const [position] = await rest.all('/v1/positions');
        expect(position).toMatchObject({ status: 'open', side: 'long' });
        return position;
      });
      const exit = await settle(
        rest,
        aSignal({ side: 'sell', signalType: 'exit', tradeId: 'swing-1', size: undefined }),
      );
      expect(exit).toMatchObject({ status: 'done', refusals: [] });
      await until(async () => (await rest.all('/v1/positions?status=closed')).length === 1);
      const [closed] = await rest.all('/v1/positions');
      const executions = await rest.all('/v1/executions');
      expect(closed).toMatchObject({ positionId: opened.positionId, status: 'closed' });
      expect(Number(closed.realizedPnl)).toBeCloseTo(profitOf(executions), 6);
      expect(Number(closed.realizedPnl)).toBeLessThan(0); // spread and two fees
      const audited = await rest.all(`/v1/audit?topic=PositionClosed`);
      expect(audited).toHaveLength(1);
      expect(audited[0].payload).toMatchObject({ positionId: opened.positionId, userId: opened.userId });
    });

    it('sent while its entry is still under way waits for it, and then closes it', async () => {
      const { rest } = await trader();
      const entry = aSignal({ tradeId: 'fast' });
      const exit = aSignal({ side: 'sell', signalType: 'exit', tradeId: 'fast', size: undefined });
      const { body } = await rest.post('/v1/signals/batch', [entry, exit]);
      expect(body.items.map(({ status }: any) => status)).toEqual([202, 202]);
      expect(await ended(rest, entry.signalId)).toMatchObject({ status: 'done', refusals: [] });
      expect(await ended(rest, exit.signalId)).toMatchObject({ status: 'done', refusals: [] });
      await until(async () => (await rest.all('/v1/positions?status=closed')).length === 1);
      expect(await rest.all('/v1/positions?status=open')).toEqual([]);
    });

    it('of what is not held is refused: on spot nobody sells short', async () => {
      const { rest, accountKey } = await trader();
      const sold = await settle(rest, aSignal({ side: 'sell', size: { base: '0.01' } }));
      expect(sold).toMatchObject({ status: 'rejected', refusals: [{ code: 'SHORT_NOT_POSSIBLE', stage: 'risk' }] });
      const closed = await settle(rest, aSignal({ side: 'sell', signalType: 'exit', size: undefined }));
      expect(closed.status).toBe('rejected');
      expect(['SHORT_NOT_POSSIBLE', 'NOTHING_TO_CLOSE']).toContain(closed.refusals[0].code);
      expect(await venue.ledger(accountKey)).toEqual([]);
    });
  });

  describe('funds', () => {
    it('that are not there refuse the order before anything is sent', async () => {
      const { rest, accountKey } = await trader({ funds: { USDT: '0.05' } });
      const refused = await settle(rest, aSignal());
      expect(refused).toMatchObject({ status: 'rejected', refusals: [{ stage: 'risk' }] });
      // Five per cent of nearly nothing is below what the venue takes; of nothing, it is nothing.
      expect(['INSUFFICIENT_FUNDS', 'BELOW_MINIMUM']).toContain(refused.refusals[0].code);
      expect(await venue.ledger(accountKey)).toEqual([]);
    });

    it('are spent once, however many orders ask for them at the same time', async () => {
      const { rest, accountKey } = await trader({
        funds: { USDT: '1000' },
        limits: {
          maxBalancePercent: 100,
          maxSectorPercent: 1_000,
          maxOpenPositions: 100,
          tradesPerSecond: 1_000,
          burst: 1_000,
        },
      });
      const signals = Array.from({ length: 10 }, () => aSignal({ size: { quote: '300' } }));
      await rest.post('/v1/signals/batch', signals);
      const ends = await Promise.all(signals.map(({ signalId }) => ended(rest, signalId)));
      const refused = ends.filter(({ status }) => status === 'rejected');
      expect(new Set(refused.map(({ refusals }) => refusals[0].code))).toEqual(new Set(['INSUFFICIENT_FUNDS']));
      const ledger = await venue.ledger(accountKey);
      expect(new Set(ledger.map(({ status }) => status.toLowerCase()))).toEqual(new Set(['filled']));
      expect(ledger).toHaveLength(ends.length - refused.length);
      const spent = ledger
        .flatMap(({ fills }) => fills)
        .reduce((sum, x) => sum + Number(x.quantity) * Number(x.price), 0);
      // Three as they were wished, and what is left for a fourth.
      expect(spent).toBeGreaterThan(890);
      expect(spent).toBeLessThanOrEqual(1_000);
    });
  });

  describe('limits', () => {
    it('that a user sets through REST are those that risk applies; no exit minds them', async () => {
      const { rest, userId } = await trader();
      const admin = standalone.as('admin');
      expect(await settle(rest, aSignal())).toMatchObject({ status: 'done', refusals: [] });
      const accountId = `${userId}-binance`;
      const cases: readonly (readonly [limits: object, code: string])[] = [
        [{ maxParentNotional: '100' }, 'ORDER_VALUE_TOO_LARGE'],
        [{ positionQuantities: { 'BTC-USD': '0.04' } }, 'POSITION_TOO_LARGE'],
        [{ maxNotionalPerDay: '400' }, 'MAX_NOTIONAL_PER_DAY'],
        [{ maxLossPerDay: '0' }, 'MAX_LOSS_PER_DAY'],
        [{ maxDrawdownPercent: 0 }, 'MAX_DRAWDOWN'],
        [{ minEquity: '1000000' }, 'EQUITY_TOO_LOW'],
        [{ sectorPercents: { currency: 0.3 } }, 'SECTOR_EXPOSURE_TOO_HIGH'],
        [{ maxConcentrationPercent: 0.3 }, 'CONCENTRATION_TOO_HIGH'],
        [{ maxLeverage: 0.003 }, 'LEVERAGE_TOO_HIGH'],
        [{ restrictedPairs: ['BTC-USD'] }, 'PAIR_RESTRICTED'],
        [{ venues: { binance: { restrictedPairs: ['BTC-USD'] } } }, 'PAIR_RESTRICTED'],
        [{ accounts: { [accountId]: { maxExposure: '0' } } }, 'EXPOSURE_TOO_HIGH'],
        [{ accounts: { [accountId]: { maxNotionalPerDay: '0' } } }, 'MAX_NOTIONAL_PER_DAY'],
      ];
      const fast = { tradesPerSecond: 1_000, burst: 1_000 };
      const put = async (limits: object): Promise<void> => {
        expect((await admin.put(`/v1/users/${userId}/limits`, { ...fast, ...limits })).status).toBe(200);
      };
      for (const [limits, code] of cases) {
        await put(limits);
        const { status, refusals } = await settle(rest, aSignal());
        expect([limits, status, refusals[0]?.stage, refusals[0]?.code]).toEqual([limits, 'rejected', 'risk', code]);
      }
      await put({ maxParentNotional: '100' });
      const [{ facts }] = (await settle(rest, aSignal())).refusals;
      const mended = await settle(rest, aSignal({ ...facts.recommended }));
      expect(mended).toMatchObject({ status: 'done', refusals: [] });
      await put(Object.assign({}, ...cases.map(([limits]) => limits)) as object);
      const exit = aSignal({ side: 'sell', signalType: 'exit', size: undefined });
      expect(await settle(rest, exit)).toMatchObject({ status: 'done', refusals: [] });
    }, 60_000);
  });

  describe('an id', () => {
    it('used again with the same content is the same signal, traded once', async () => {
      const { rest, accountKey } = await trader();
      const signal = aSignal();
      const answers = await Promise.all(Array.from({ length: 5 }, () => rest.post('/v1/signals', signal)));
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      await ended(rest, signal.signalId);
      const again = await rest.post('/v1/signals', { ...signal, size: { quote: '250' } }); // the same decimal
      expect(again).toMatchObject({ status: 202, body: answers[0]?.body });
      expect(await venue.ledger(accountKey)).toHaveLength(1);
    });

    it('used again with other content is refused, and leaves the first signal alone', async () => {
      const { rest, accountKey } = await trader();
      const signal = aSignal();
      await settle(rest, signal);
      const other = await rest.post('/v1/signals', { ...signal, size: { quote: '251.00' } });
      expect(other).toMatchObject({ status: 409, body: { code: 'SIGNAL_ID_REUSED' } });
      expect((await rest.get(`/v1/signals/${signal.signalId}`)).body).toMatchObject({ status: 'done' });
      expect(await venue.ledger(accountKey)).toHaveLength(1);
    });

    it('means another signal for each user', async () => {
      const [a, b] = [await trader(), await trader()];
      const signal = aSignal({ signalId: 'everybody-uses-this' });
      const other = aSignal({ signalId: 'everybody-uses-this', size: { quote: '300.00' } });
      await settle(a.rest, signal);
      await settle(b.rest, other);
      expect(await venue.ledger(a.accountKey)).toHaveLength(1);
      expect(await venue.ledger(b.accountKey)).toHaveLength(1);
    });
  });

  describe('a strategy', () => {
    const STRATEGY = 'swing/e2e';
    const signals = `/v1/strategies/${encodeURIComponent(STRATEGY)}/signals`;
    const follow = async ({ userId, rest }: Trader, scaling: object): Promise<void> => {
      const terms = { strategyId: STRATEGY, accountId: `${userId}-binance`, scaling };
      expect(await rest.post(`/v1/users/${userId}/subscriptions`, terms)).toMatchObject({ status: 201 });
    };
    const publish = async (signal: ReturnType<typeof aSignal>): Promise<void> => {
      expect(await standalone.as('admin').post(signals, signal)).toMatchObject({ status: 202 });
    };

    it('is followed by two users, each to their own scale, in and out; one who pauses gets out, and not in again', async () => {
      const [half, fixed] = [await trader(), await trader()];
      await follow(half, { kind: 'multiplier', factor: '0.5' });
      await follow(fixed, { kind: 'fixed', quote: '72' });
      const entry = aSignal({ tradeId: 'wave-1', size: { quote: '288' } });
      await publish(entry);
      const sizes = [];
      for (const { userId, rest } of [half, fixed]) {
        const copy = await ended(rest, `${entry.signalId}/${userId}-binance`);
        expect(copy).toMatchObject({
          status: 'done',
          refusals: [],
          userId,
          strategyId: STRATEGY,
          copyOf: entry.signalId,
        });
        const executions = await rest.all('/v1/executions');
        sizes.push(
          executions.reduce((sum: number, { quantity, price }: any) => sum + Number(quantity) * Number(price), 0),
        );
      }
      expect(sizes[0]).toBeCloseTo(144, -1);
      expect(sizes[1]).toBeCloseTo(72, -1);

      await half.rest.patch(
        `/v1/users/${half.userId}/subscriptions/${encodeURIComponent(STRATEGY)}/${half.userId}-binance`,
        { paused: true },
      );
      const exit = aSignal({ side: 'sell', signalType: 'exit', tradeId: 'wave-1', size: undefined });
      await publish(exit);
      for (const { userId, rest } of [half, fixed]) {
        expect(await ended(rest, `${exit.signalId}/${userId}-binance`)).toMatchObject({ status: 'done', refusals: [] });
        await until(async () => (await rest.all('/v1/positions?status=closed')).length === 1);
        expect(await rest.all('/v1/positions?status=open')).toEqual([]);
      }
      const again = aSignal();
      await publish(again);
      expect(await ended(fixed.rest, `${again.signalId}/${fixed.userId}-binance`)).toMatchObject({ status: 'done' });
      const story = await eventually(async () => {
        const { body } = await standalone.as('operator').get(`${signals}/${again.signalId}`);
        expect(body).toMatchObject({ status: 'copied', subscribers: 2, outcomes: { done: 1 } });
        return body;
      });
      expect(story.skips).toMatchObject([{ userId: half.userId, reason: 'paused' }]);
    });

    it('is published by those who may, and looked at by operators: a user sees the copy alone', async () => {
      const [follower, other] = [await trader(), await trader({ userId: 'swing' })];
      await follow(follower, { kind: 'multiplier', factor: '0.1' });
      const signal = aSignal();
      expect(await follower.rest.post(signals, signal)).toMatchObject({ status: 403 });
      await publish(signal);
      await ended(follower.rest, `${signal.signalId}/${follower.userId}-binance`);
      for (const { rest } of [follower, other]) {
        expect((await rest.get(`${signals}/${signal.signalId}`)).status).toBe(403);
        expect((await rest.get(`/v1/signals/${signal.signalId}`)).status).toBe(404);
      }
      const copy = `/v1/signals/${encodeURIComponent(`${signal.signalId}/${follower.userId}-binance`)}`;
      expect((await other.rest.get(copy)).status).toBe(404);
      // An operator finds the strategy's own under its id, too.
      expect((await standalone.as('operator').get(`/v1/signals/${signal.signalId}`)).body).toMatchObject({
        strategyId: STRATEGY,
        status: 'copied',
      });
    });
  });

  describe('a cancel', () => {
    const rests = (price: string) => aSignal({ orderType: 'limit', limitPrice: price, timeInForce: 'gtc' });
    const parentOf = async ({ rest }: Trader, signal: ReturnType<typeof aSignal>): Promise<string> => {
      expect((await rest.post('/v1/signals', signal)).status).toBe(202);
      return eventually(async () => {
        const [orderId] = (await rest.get(`/v1/signals/${signal.signalId}`)).body.orderIds;
        expect(orderId).toBeDefined();
        return orderId as string;
      });
    };

    it('of an order that rests ends it at the venue, frees what it held, and its story says who asked and why', async () => {
      const owner = await trader({
        funds: { USDT: '1000' },
        limits: { maxBalancePercent: 100, maxSectorPercent: 1_000 },
      });
      const signal = { ...rests('7150.00'), size: { quote: '900' } };
      const parentId = await parentOf(owner, signal);
      const shown = async () => (await owner.rest.get(`/v1/orders/${parentId}`)).body;
      await until(async () => (await shown()).children[0]?.status === 'placed');
      const asked = await owner.rest.delete(`/v1/orders/${parentId}?reason=changed+my+mind`);
      expect(asked).toMatchObject({ status: 202, body: { orderId: parentId, status: 'cancel_pending' } });
      expect(await ended(owner.rest, signal.signalId)).toMatchObject({ status: 'done' });
      await until(async () => (await shown()).status === 'cancelled');
      const { children, history } = await shown();
      expect(children).toMatchObject([{ status: 'cancelled', filledQuantity: '0' }]);
      expect(history.map(({ event }: any) => event).slice(-3)).toEqual([
        ...['OrderCancelRequested', 'OrderCancelled', 'OrderCompleted'],
      ]);
      expect(history.at(-3).reason).toBe(`${owner.userId} (trader) asked for it to be cancelled: changed my mind.`);
      expect((await venue.ledger(owner.accountKey)).map(({ status }) => status.toLowerCase())).toEqual(['cancelled']);
      expect((await owner.rest.delete(`/v1/orders/${parentId}`)).body).toMatchObject({ code: 'ORDER_FINISHED' });
      // All of it may be used again.
      const next = { ...rests('7150.00'), size: { quote: '900' } };
      const nextId = await parentOf(owner, next);
      await until(async () => (await owner.rest.get(`/v1/orders/${nextId}`)).body.children[0]?.status === 'placed');
      await owner.rest.delete(`/v1/orders/${nextId}`);
      await ended(owner.rest, next.signalId);
    });

    it('of an order that is filled at the same moment ends it as what the venue says', async () => {
      const owner = await trader();
      const signal = rests('7150.00');
      const parentId = await parentOf(owner, signal);
      const child = async () => (await owner.rest.get(`/v1/orders/${parentId}`)).body.children[0];
      await until(async () => (await child())?.status === 'placed');
      await Promise.all([
        owner.rest.delete(`/v1/orders/${(await child()).orderId as string}`),
        venue.setBook('BTCUSDT', '7100.00', '7100.10'),
      ]);
      await ended(owner.rest, signal.signalId);
      const [row] = await venue.ledger(owner.accountKey);
      const filled = row!.fills.reduce((sum, { quantity }) => sum + Number(quantity), 0);
      const { status, filledQuantity, children } = (await owner.rest.get(`/v1/orders/${parentId}`)).body;
      expect(Number(filledQuantity)).toBeCloseTo(filled, 8);
      expect(filled > 0 ? ['filled', 'partially_filled'] : ['cancelled']).toContain(status);
      expect(children[0].status).toBe(filled > 0 && status === 'filled' ? 'filled' : 'cancelled');
    });
  });

  it('answers each signal of a batch by itself', async () => {
    const { rest, userId } = await trader();
    const good = aSignal();
    const { status, body } = await rest.post('/v1/signals/batch', {
      signals: [
        good,
        good,
        { ...good, size: { quote: '1' } },
        aSignal({ pair: 'DOGE-EUR' }),
        aSignal({ side: 'hold' }),
        aSignal({ userId: 'somebody-else' }),
        'no signal',
      ],
    });
    expect(status).toBe(200);
    const answers = body.items.map((item: any) => [item.status, item.code]);
    // Of the two that differ under one id, the first that was read stands.
    expect(answers).toEqual([
      [202, undefined],
      [202, undefined],
      [409, 'SIGNAL_ID_REUSED'],
      [400, 'UNKNOWN_PAIR'],
      [400, 'MALFORMED'],
      [403, 'FORBIDDEN'],
      [400, 'MALFORMED'],
    ]);
    expect(await ended(rest, good.signalId)).toMatchObject({ status: 'done', userId });
    expect(
      (
        await rest.post(
          '/v1/signals/batch',
          Array.from({ length: 501 }, () => good),
        )
      ).status,
    ).toBe(400);
  });

  describe('a user', () => {
    it("can't see, nor find out about, what is another's", async () => {
      const [a, b] = [await trader(), await trader()];
      const signal = await settle(a.rest, aSignal());
      const [parent, child] = signal.orderIds;
      const nothing = await b.rest.get('/v1/orders/00000000000000000000000000000000');
      expect(nothing.status).toBe(404);
      for (const id of [parent, child]) {
        const { status, body } = await b.rest.get(`/v1/orders/${id as string}`);
        expect({ status, body }).toEqual({ status: 404, body: { ...nothing.body, instance: body.instance } });
      }
      expect((await b.rest.get(`/v1/signals/${signal.signalId as string}`)).status).toBe(404);
      for (const list of ['orders', 'positions', 'executions', 'balances', 'audit']) {
        const own = await b.rest.all(`/v1/${list}`);
        expect(own.filter(({ userId }) => userId === a.userId)).toEqual([]);
        expect((await b.rest.get(`/v1/${list}?userId=${a.userId}`)).status).toBe(403);
      }
      for (const path of ['', '/limits', '/accounts', '/tokens'])
        expect((await b.rest.get(`/v1/users/${a.userId}${path}`)).status).toBe(403);
      expect((await b.rest.put(`/v1/users/${a.userId}/limits`, { maxOpenPositions: 100 })).status).toBe(403);
      expect((await b.rest.post('/v1/users', { userId: 'my-other-self' })).status).toBe(403);
    });

    it("who is not there, or has no account, gets a refusal of the user's own", async () => {
      const admin = standalone.as('admin');
      await admin.post('/v1/users', { userId: 'without-account' });
      const { token } = (await admin.post('/v1/users/without-account/tokens', { name: 'test' })).body;
      const rest = standalone.as('without-account', token);
      expect(await settle(rest, aSignal())).toMatchObject({ status: 'rejected', refusals: [{ code: 'NO_ACCOUNT' }] });
      const unknown = aSignal({ userId: 'nobody' });
      expect((await admin.post('/v1/signals', unknown)).status).toBe(202);
      await until(async () => {
        const found = await admin.get(`/v1/signals/${unknown.signalId}?userId=nobody`);
        return found.body.refusals?.[0]?.code === 'USER_UNKNOWN';
      });
    });

    it("waits for nobody: another's flood delays no order of the user's own", async () => {
      const limits = { maxSectorPercent: 1_000, maxOpenPositions: 1_000, tradesPerSecond: 10_000, burst: 10_000 };
      const [loud, quiet] = [await trader({ limits }), await trader()];
      const flood = Array.from({ length: 300 }, () => aSignal({ size: { quote: '20.00' } }));
      expect((await loud.rest.post('/v1/signals/batch', flood)).status).toBe(200);
      const { status, refusals } = await settle(quiet.rest, aSignal());
      expect({ status, refusals }).toEqual({ status: 'done', refusals: [] });
      // Done while most of the flood still waits its turn.
      const behind = (await loud.rest.all('/v1/orders?level=parent')).filter((order) => order.status === 'filled');
      expect(behind.length).toBeLessThan(flood.length / 2);
    });

    it('that is disabled trades no more, and with the token revoked is let in no more', async () => {
      const { rest, userId } = await trader();
      const admin = standalone.as('admin');
      const disabled = await fetch(`${standalone.url}/v1/users/${userId}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${standalone.tokenOf('admin')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ enabled: false, reason: 'under review' }),
      });
      expect(disabled.status).toBe(200);
      const answer = await rest.post('/v1/signals', aSignal());
      if (answer.status === 202) {
        const story = await ended(rest, answer.body.signalId);
        expect(story).toMatchObject({ status: 'rejected', refusals: [{ code: 'USER_DISABLED' }] });
      } else expect(answer).toMatchObject({ status: 403, body: { code: 'USER_DISABLED' } });
      const [{ tokenId, id = tokenId }] = (await admin.get(`/v1/users/${userId}/tokens`)).body.items;
      expect((await admin.delete(`/v1/users/${userId}/tokens/${id as string}`)).status).toBeLessThan(300);
      await until(async () => (await rest.get('/v1/orders')).status === 401);
    });
  });
});

/** Sold less bought, what the base fee took included: what a position that is closed again has brought, in the quote currency. */
const profitOf = (executions: readonly any[]): number => {
  let quote = 0;
  let bought = 0;
  let sold = 0;
  for (const { side, quantity, price, fee } of executions) {
    const amount = Number(quantity);
    if (side === 'buy') {
      quote -= amount * Number(price);
      bought += amount - (fee.currency === 'BTC' ? Number(fee.amount) : 0);
    } else {
      quote += amount * Number(price) - (fee.currency === 'USDT' ? Number(fee.amount) : 0);
      sold += amount;
    }
  }
  // What is too little to sell keeps its share of the cost.
  const bills = executions.filter(({ side }) => side === 'buy').map(({ quantity, price }) => quantity * price);
  const cost = bills.reduce((sum, bill) => sum + bill, 0);
  return quote + (cost * (bought - sold)) / bought;
};
