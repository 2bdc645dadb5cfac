import { decimal, isDecimalString, isMultipleOf } from '@switchyard/money';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Book, Level } from '../core/book.js';
import type { Exchange } from '../core/exchange.js';
import { faultRequest, type Faults } from '../core/fault.js';
import type { Instrument } from '../core/instrument.js';
import type { LedgerRow } from '../core/ledger.js';
import { openAccount, accountRequest, balancesOf } from '../core/open-account.js';
import { invalid, jsonOf, problem } from './problem.js';

/** The doors that no real venue has: what the venue knows, what its customers hold, and what shall go wrong. */
export interface ControlDoors {
  readonly exchange: Exchange;
  readonly faults: Faults;
  /** Lets go of everybody who hangs. */
  readonly release: () => void;
  /** Why a secret cannot be a customer's here. */
  readonly secretError?: ((secret: string) => string | undefined) | undefined;
}

const positive = z
  .string()
  .refine(isDecimalString, 'must be a decimal string such as "0.01"')
  .refine((text) => !isDecimalString(text) || decimal(text).gt(decimal('0')), 'must be greater than zero');

const levels = z.array(z.tuple([positive, positive])).max(5_000);

const bookRequest = z.strictObject({ symbol: z.string().min(1), bids: levels, asks: levels });

const clockRequest = z.strictObject({ skewMs: z.int().min(-86_400_000).max(86_400_000) });

const ledgerQuery = z.strictObject({
  since: z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text)))
    .refine((ms) => !Number.isNaN(ms), 'must be a time (RFC 3339) or milliseconds since 1970')
    .optional(),
  accountKey: z.string().min(1).optional(),
});

const forgetRequest = z.strictObject({ accountKey: z.string().min(1), clientOrderId: z.string().min(1) });

const symbolQuery = z.strictObject({ symbol: z.string().min(1).optional() });

const ROWS_A_TURN = 2_000;

type Asked<T> = { readonly value: T } | { readonly answered: FastifyReply };

const ask = <T>(schema: z.ZodType<T>, input: unknown, reply: FastifyReply): Asked<T> => {
  const parsed = schema.safeParse(input);
  return parsed.success ? { value: parsed.data } : { answered: invalid(reply, parsed.error) };
};

const askBody = <T>(schema: z.ZodType<T>, request: FastifyRequest, reply: FastifyReply): Asked<T> => {
  const json = jsonOf(request.body);
  if (json === undefined) return { answered: problem(reply, 400, 'NOT_JSON', 'The body is not JSON.') };
  return ask(schema, json.value, reply);
};

const outward = (rows: readonly (readonly [string, string])[], direction: 1 | -1): readonly Level[] =>
  rows
    .map(([price, quantity]) => ({ price: decimal(price), quantity: decimal(quantity) }))
    .sort((a, b) => direction * a.price.cmp(b.price));

const offGrid = (book: Book, { tick, lot }: Instrument) =>
  (['bids', 'asks'] as const).flatMap((side) =>
    book[side].flatMap(({ price, quantity }) => [
      ...(isMultipleOf(price, tick)
        ? []
        : [{ field: side, message: `price ${price.toFixed()} is off the tick ${tick.toFixed()}` }]),
      ...(isMultipleOf(quantity, lot)
        ? []
        : [{ field: side, message: `quantity ${quantity.toFixed()} is off the lot ${lot.toFixed()}` }]),
    ]),
  );

const written = (book: Book) => ({
  bids: book.bids.map(({ price, quantity }) => [price.toFixed(), quantity.toFixed()]),
  asks: book.asks.map(({ price, quantity }) => [price.toFixed(), quantity.toFixed()]),
});

export const controlDoors = (app: FastifyInstance, { exchange, faults, release, secretError }: ControlDoors): void => {
  const unknownSymbol = (reply: FastifyReply, symbol: string): FastifyReply =>
    problem(reply, 404, 'UNKNOWN_SYMBOL', `${symbol} is not listed here.`, [
      { field: 'symbol', message: `must be one of ${[...exchange.state.instruments.keys()].join(', ')}` },
    ]);

  app.get('/_ledger', async (request, reply) => {
    const asked = ask(ledgerQuery, request.query, reply);
    if ('answered' in asked) return asked.answered;
    const orders: LedgerRow[] = [];
    for (const row of exchange.ledger(asked.value)) {
      // A long ledger must not hold up those who trade.
      if (orders.push(row) % ROWS_A_TURN === 0) await nextTurn();
    }
    await exchange.durable();
    return { orders };
  });

  app.get('/_faults', () => ({ faults: faults.list() }));

  app.post('/_faults', (request, reply) => {
    const asked = askBody(faultRequest, request, reply);
    if ('answered' in asked) return asked.answered;
    return reply.code(201).send(faults.arm(asked.value));
  });

  app.delete('/_faults', () => {
    const cleared = faults.clear();
    release();
    return { cleared };
  });

  app.get('/_clock', () => ({ skewMs: exchange.state.skewMs, now: new Date(exchange.now()).toISOString() }));

  app.post('/_clock', async (request, reply) => {
    const asked = askBody(clockRequest, request, reply);
    if ('answered' in asked) return asked.answered;
    exchange.commit([{ type: 'clock_skewed', skewMs: asked.value.skewMs }]);
    await exchange.durable();
    return { skewMs: exchange.state.skewMs, now: new Date(exchange.now()).toISOString() };
  });

  app.post('/_forget', (request, reply) => {
    const asked = askBody(forgetRequest, request, reply);
    if ('answered' in asked) return asked.answered;
    exchange.forget(asked.value.accountKey, asked.value.clientOrderId);
    return asked.value;
  });

  app.get('/_book', (request, reply) => {
    const asked = ask(symbolQuery, request.query, reply);
    if ('answered' in asked) return asked.answered;
    const { symbol = '' } = asked.value;
    const instrument = exchange.instrument(symbol);
    if (instrument === undefined) return unknownSymbol(reply, symbol);
    return {
      symbol,
      tick: exchange.tick(),
      byHand: exchange.market.frozen(symbol),
      ...written(exchange.book(instrument)),
    };
  });

  app.post('/_book', async (request, reply) => {
    const asked = askBody(bookRequest, request, reply);
    if ('answered' in asked) return asked.answered;
    const { symbol, bids, asks } = asked.value;
    const instrument = exchange.instrument(symbol);
    if (instrument === undefined) return unknownSymbol(reply, symbol);
    const book: Book = { bids: outward(bids, -1), asks: outward(asks, 1) };
    const bad = offGrid(book, instrument);
    const [bid, ask] = [book.bids[0], book.asks[0]];
    if (bid !== undefined && ask !== undefined && bid.price.gte(ask.price)) {
      bad.push({
        field: 'bids',
        message: `best bid ${bid.price.toFixed()} is not below best ask ${ask.price.toFixed()}`,
      });
    }
    if (bad.length > 0) return problem(reply, 400, 'INVALID_INPUT', 'This is no book of that pair.', bad);
    exchange.setBook(instrument, book);
    await exchange.durable();
    return { symbol, byHand: true, ...written(exchange.book(instrument)) };
  });

  app.delete('/_book', async (request, reply) => {
    const asked = ask(symbolQuery, request.query, reply);
    if ('answered' in asked) return asked.answered;
    const { symbol } = asked.value;
    if (symbol !== undefined && exchange.instrument(symbol) === undefined) return unknownSymbol(reply, symbol);
    for (const instrument of exchange.state.instruments.values()) {
      if (symbol === undefined || instrument.symbol === symbol) exchange.setBook(instrument, undefined);
    }
    await exchange.durable();
    return { cleared: symbol ?? 'all' };
  });

  app.get('/_accounts', () => ({
    accounts: [...exchange.state.accounts.values()].map((account) => ({
      accountKey: account.accountKey,
      balances: balancesOf(account),
    })),
  }));

  app.post('/_accounts', async (request, reply) => {
    const asked = askBody(accountRequest, request, reply);
    if ('answered' in asked) return asked.answered;
    const message = secretError?.(asked.value.secret);
    if (message !== undefined) {
      return problem(reply, 400, 'INVALID_INPUT', `The secret ${message}.`, [{ field: 'secret', message }]);
    }
    const opened = openAccount(exchange, asked.value);
    if (opened.outcome === 'credentials_differ') {
      return problem(
        reply,
        409,
        'ACCOUNT_EXISTS',
        `${asked.value.accountKey} exists with another secret or passphrase.`,
      );
    }
    await exchange.durable();
    return reply
      .code(opened.outcome === 'opened' ? 201 : 200)
      .send({ accountKey: opened.account.accountKey, balances: balancesOf(opened.account) });
  });
};
