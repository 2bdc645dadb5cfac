import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted } from '@switchyard/contracts';
import { testDatabase } from '@switchyard/persistence/testing';
import { ROUTING_RULES } from '@switchyard/routing-domain';
import { until } from '@switchyard/testing';
import { run } from '../index.js';
import { approval, capAt, startRouting, type RoutedOrders } from '../testing/routed-orders.js';

const postgres = testDatabase();
let orders: RoutedOrders;

const replay = async (
  ...line: readonly string[]
): Promise<{ exit: number; out: string; err: string; last: string; json: any }> => {
  let [out, err] = ['', ''];
  const exit = await run(['replay', ...line], {
    env: { DATABASE_URL: postgres.url },
    cwd: '/',
    out: (text) => (out += text),
    err: (text) => (err += text),
    input: () => Promise.resolve(''),
  });
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  return { exit, out, err, last, json: line.includes('--json') ? JSON.parse(out) : undefined };
};

/** What was routed of an order, once the trail holds so many children of it, sealed. */
const routed = async (name: string, children: number): Promise<readonly OrderRouted[]> => {
  let rows: readonly { value: Buffer }[] = [];
  await until(async () => {
    ({ rows } = await orders.root.query<{ value: Buffer }>(
      `select value from audit a where signal_id = $1 and type = 'OrderRouted'
         and row <= (select max(last_row) from audit_batches b where b.chain = a.chain) order by row`,
      [name],
    ));
    return rows.length >= children;
  });
  return rows.map(({ value }) => JSON.parse(value.toString()) as OrderRouted);
};
const sealed = (name: string, type: string) =>
  until(async () => {
    const { rows } = await orders.root.query(
      `select 1 from audit a where signal_id = $1 and type = $2
         and row <= (select max(last_row) from audit_batches b where b.chain = a.chain)`,
      [name, type],
    );
    return rows.length > 0;
  });

const of = (child: OrderRouted) => ({
  orderId: child.orderId,
  parentOrderId: child.parentOrderId,
  signalId: child.signalId,
  userId: child.userId,
  accountId: child.accountId,
  venue: child.venue,
  pair: child.pair,
  side: child.side,
  clientOrderId: `client-${child.orderId}`,
  orderVersion: 2,
  dryRun: true,
});
const filled = (child: OrderRouted, price: string) => ({
  ...of(child),
  venueOrderId: `venue-${child.orderId}`,
  tradeId: `trade-${child.orderId}`,
  quantity: child.quantity,
  price,
  fee: { amount: '1.5', currency: 'USDT' },
  liquidity: 'taker',
  cumulativeQuantity: child.quantity,
  leavesQuantity: '0',
  orderStatus: 'filled',
  filledAt: new Date().toISOString(),
});
const failed = (child: OrderRouted) => ({
  ...of(child),
  stage: 'execution',
  code: 'VENUE_REFUSED',
  message: 'The venue said no.',
  facts: {},
  retriable: true,
  status: 'failed',
  cumulativeQuantity: '0',
  failedAt: new Date().toISOString(),
});

let split: readonly OrderRouted[];

beforeAll(async () => {
  orders = await startRouting(postgres.url);
  await orders.say('risk', ['OrderApproved', approval('split')]);
  split = await routed('split', 2);
  await orders.say('execution', ...split.map((child) => ['OrderFilled', filled(child, '64010')] as const));
  await sealed('split', 'OrderCompleted');
}, 60_000);
afterAll(() => orders.root.close());

describe('replay', () => {
  it('makes a split again from the trail, and shows each venue, its part, its cost and what it did cost', async () => {
    const { exit, out, err, last } = await replay('parent-split');
    expect({ exit, err, last }).toEqual({ exit: 0, err: '', last: 'same' });
    expect(out).toMatch(/^trail +5 rows, each as its hash says; sealed, and held by batch \d+ of chain 0 \(\w{16}\)$/m);
    expect(out).toContain(split[0]!.decision.sentence);
    const [first] = split;
    expect(out).toMatch(new RegExp(`^${first!.venue} .* ${first!.quantity} +64010 +\\S+ +-?[\\d.]+ +used$`, 'm'));
    const unused = ['binance', 'kraken', 'okx'].find((venue) => split.every((child) => child.venue !== venue))!;
    expect(out).toMatch(new RegExp(`^${unused} .* others serve the order better$`, 'm'));
    expect(out).toMatch(/^venue +account +score +fees +success +latency +load +history$/m);
  });

  it('finds the order by the id of a child, by ours at the venue, and by the venue’s', async () => {
    for (const id of [split[1]!.orderId, `client-${split[0]!.orderId}`, `venue-${split[0]!.orderId}`])
      expect(await replay(id)).toMatchObject({ exit: 0, last: 'same' });
  });

  it('gives programs the decision, its inputs, and what each part came to', async () => {
    const { exit, json } = await replay('parent-split', '--json');
    expect([exit, json]).toMatchObject([
      0,
      {
        parentOrderId: 'parent-split',
        userId: 'ann',
        result: 'same',
        trail: { intact: true, rows: 5, unsealedRows: 0 },
        decisions: [{ result: 'same', decision: { inputs: { rules: ROUTING_RULES }, venues: [{}, {}, {}] } }],
      },
    ]);
    expect(json.decisions[0].children[0].realised).toEqual({
      quantity: split[0]!.quantity,
      price: '64010',
      cost: String(Number(split[0]!.quantity) * 64_010 + 1.5),
    });
  });

  it('makes each decision of an order again that was taken elsewhere', async () => {
    await orders.say('risk', ['OrderApproved', approval('moved')]);
    const before = await routed('moved', 2);
    await orders.say('execution-moved', ['OrderFailed', failed(before[0]!)]);
    await routed('moved', 3);
    const { exit, out, last } = await replay('parent-moved');
    expect([exit, last]).toEqual([0, 'same']);
    expect(out.match(/^same$/gm)).toHaveLength(3);
    expect(out).toMatch(
      new RegExp(`^Decision 2 of 2, for ${before[0]!.quantity} that failed \\(tried: ${before[0]!.accountId}\\)$`, 'm'),
    );
  });

  it('ends with 1 where there is nothing to make again, with 2 on a wrong line, with 3 where nothing can be read', async () => {
    expect(await replay('nobody')).toMatchObject({ exit: 1, out: '', err: 'NOT_FOUND: no order has the id nobody.\n' });
    await orders.say('risk', ['OrderApproved', approval('nowhere', { caps: [capAt('bybit')] })]);
    await sealed('nowhere', 'OrderFailed');
    expect(await replay('parent-nowhere')).toMatchObject({
      exit: 1,
      last: expect.stringMatching(/^NOTHING_ROUTED: No venue was found: NO_SUITABLE_VENUE: /),
    });
    expect((await replay()).exit).toBe(2);
    expect((await replay('parent-split', 'moved')).exit).toBe(2);
    expect((await replay('parent-split', '--url')).exit).toBe(2);
  });
});

describe('what somebody changed, with all the powers of the database’s owner', () => {
  beforeAll(async () => {
    await orders.stop();
    for (const table of TABLES) {
      await orders.root.query(`create table kept_${table.replace('.', '_')} as table ${table}`);
      await orders.root.query(`alter table ${table} disable trigger all`);
    }
  });
  const TABLES = ['journal.audit', 'journal.audit_batches', 'routing.books'];
  /** What is printed after it was changed; then it is as it was. */
  const after = async (sql: string): Promise<Awaited<ReturnType<typeof replay>>> => {
    try {
      expect((await orders.root.query(sql)).rowCount).toBeGreaterThan(0);
      return await replay('parent-split');
    } finally {
      for (const table of TABLES) {
        await orders.root.query(`truncate ${table}`);
        await orders.root.query(`insert into ${table} table kept_${table.replace('.', '_')}`);
      }
    }
  };
  const changing = (type: string, from: string, to: string) =>
    `update journal.audit set value = convert_to(replace(convert_from(value, 'UTF8'), '${from}', '${to}'), 'UTF8')
     where signal_id = 'split' and type = '${type}'`;

  it.each([
    ['a child’s quantity', () => changing('OrderRouted', `"quantity":"${split[0]!.quantity}"`, '"quantity":"9"')],
    ['a fee that was known', () => changing('OrderRouted', '"taker":"0.001"', '"taker":"0.002"')],
    ['how large the order was', () => changing('OrderApproved', '"quantity":"4"', '"quantity":"4.5"')],
    ['whose side it was on', () => changing('OrderRouted', '"side":"buy"', '"side":"sell"')],
  ])('names the field that differs, and the row: %s', async (_, sql) => {
    const { exit, out, last } = await after(sql());
    expect(exit).toBe(1);
    expect(last).toMatch(/^differs: \S.* was recorded as .*, and comes out as /);
    expect(out).toMatch(/^trail +ROW_CHANGED: /m);
  });

  it.each([
    ['why it was done, in words', () => changing('OrderRouted', '"sentence":"Buy', '"sentence":"By'), /^differs: /],
    [
      'a book',
      () => `update routing.books set book = replace(book, '64000', '63000')`,
      /^DECISION_BOOK_CHANGED: The stored book of binance /,
    ],
    ['that a book was there', () => `delete from routing.books where venue = 'kraken'`, /^DECISION_BOOKS_SWEPT: /],
    [
      'a book, and its name',
      () => `update routing.books set hash = '${'0'.repeat(32)}' where venue = 'okx'`,
      /^DECISION_BOOKS_SWEPT: /,
    ],
    [
      'that a child was sent',
      () => `delete from journal.audit where signal_id = 'split' and topic = 'OrderRouted.${split[0]!.venue}'`,
      /^(ROOT_DIFFERS|DECISION_INCOMPLETE): /,
    ],
    [
      'that it was approved',
      () => `delete from journal.audit where signal_id = 'split' and type = 'OrderApproved'`,
      /^(ROOT_DIFFERS|NOTHING_RECORDED): /,
    ],
    [
      'that there were venues at all',
      () => changing('OrderRouted', '"venues":[', '"venues":7,"others":['),
      /^differs: record\.venues was recorded as 7, and comes out as \[\{/,
    ],
    ['a fill', () => changing('OrderFilled', '"price":"64010"', '"price":"63010"'), /^ROW_CHANGED: /],
    [
      'everything about the rules',
      () => changing('OrderRouted', `"rules":${ROUTING_RULES}`, '"rules":99'),
      /^ROW_CHANGED: /,
    ],
    ['what can’t be read any more', () => changing('OrderApproved', '"quantity":', '"quantities":'), /^ROW_CHANGED: /],
    ['what is no text any more', () => changing('OrderRouted', '{', '['), /^ROW_CHANGED: /],
    ['a seal', () => `update journal.audit_batches set merkle_root = hash`, /^CHAIN_BROKEN: /],
  ])('is never the same: %s', async (_, sql, why) => {
    const { exit, last } = await after(sql());
    expect(exit).toBe(1);
    expect(last).toMatch(why);
  });

  it('is the same when it was not sealed yet, and that is told', async () => {
    const { exit, out, last } = await after('delete from journal.audit_batches');
    expect([exit, last]).toEqual([0, 'same']);
    expect(out).toMatch(/^trail +5 rows, each as its hash says; 5 of them not sealed yet \(AUDIT_NOT_SEALED\)/m);
  });
});
