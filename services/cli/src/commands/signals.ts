import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Api, Body } from '../api.js';
import type { Command, Given } from '../command.js';
import { EXIT, Failure } from '../failure.js';
import { readJson, wholeNumber } from '../files.js';
import { card, table } from '../table.js';

const POLL_MS = 200;

export const SIGNALS: readonly Command[] = [
  {
    name: 'signals send',
    usage: '',
    summary: 'Send a signal, and say what became of it with --wait.',
    details: 'Decimals are taken as they are written. The same --id again is the same signal, not another one.',
    arity: [0, 0],
    as: 'demo',
    options: {
      file: {
        type: 'string',
        hint: 'FILE',
        help: 'JSON of the whole signal (- for standard input); options add to it.',
      },
      id: { type: 'string', hint: 'ID', help: 'The signalId; without it one is made.' },
      user: { type: 'string', hint: 'USER', help: 'Whose; without it the token’s own.' },
      strategy: {
        type: 'string',
        hint: 'STRATEGY',
        help: 'A signal of this strategy’s own, for all who follow it; with a token that may publish it.',
      },
      pair: { type: 'string', hint: 'BTC-USD', help: 'What to trade.' },
      side: { type: 'string', hint: 'buy|sell', help: 'Which way.' },
      type: { type: 'string', hint: 'TYPE', help: 'entry (default), exit, profit_take or stop_loss.' },
      quote: { type: 'string', hint: 'AMOUNT', help: 'Size in the quote currency.' },
      base: { type: 'string', hint: 'AMOUNT', help: 'Size in the base currency.' },
      'entry-price': { type: 'string', hint: 'PRICE', help: 'At which it is meant to enter.' },
      'stop-loss': { type: 'string', hint: 'PRICE', help: 'Where it is given up.' },
      'take-profit': { type: 'string', hint: 'PRICE', help: 'Where it is done.' },
      wait: { type: 'string', hint: 'SECONDS', help: 'Wait so long for the end, and tell it.' },
    },
    run: async ({ api, terminal }, given) => {
      const file = given.text('file');
      const sent = { ...(file === undefined ? {} : ((await readJson(terminal, file)) as Body)), ...fieldsOf(given) };
      const signal: Body = { signalId: `cli-${randomUUID()}`, signalType: 'entry', ...sent };
      const seconds = given.text('wait');
      const strategy = given.text('strategy');
      const accepted = await api.send('POST', signalsOf(strategy), signal);
      if (seconds === undefined) return { json: accepted, text: `${String(accepted['signalId'])} is accepted.\n` };
      const story = await ended(
        api,
        accepted,
        strategy ?? { userId: signal['userId'] },
        wholeNumber('wait', seconds, 1),
      );
      return {
        json: story,
        text: shown(story),
        bad: !['done', 'copied'].includes(String(story['status'])) || filledNothing(story),
      };
    },
  },
  {
    name: 'signals show',
    usage: 'SIGNAL',
    summary: 'What was sent, and what became of it.',
    arity: [1, 1],
    options: {
      user: { type: 'string', hint: 'USER', help: 'Whose signal of that name.' },
      strategy: {
        type: 'string',
        hint: 'STRATEGY',
        help: 'This strategy’s own signal: who got a copy, and who did not.',
      },
    },
    run: async ({ api }, given) => {
      const path = `${signalsOf(given.text('strategy'))}/${encodeURIComponent(given.arguments[0] ?? '')}`;
      const story = await api.get(path, { userId: given.text('user') });
      return { json: story, text: shown(story) };
    },
  },
];

const FIELDS = {
  id: 'signalId',
  user: 'userId',
  pair: 'pair',
  side: 'side',
  type: 'signalType',
  'entry-price': 'entryPrice',
  'stop-loss': 'stopLoss',
  'take-profit': 'takeProfit',
} as const;

const fieldsOf = (given: Given): Body => {
  const [quote, base] = [given.text('quote'), given.text('base')];
  if (quote !== undefined && base !== undefined)
    throw new Failure(EXIT.usage, 'A size is --quote or --base, not both.');
  const size = quote === undefined ? (base === undefined ? undefined : { base }) : { quote };
  const fields = Object.entries(FIELDS).flatMap(([option, field]) => {
    const value = given.text(option);
    return value === undefined ? [] : [[field, value] as const];
  });
  return { ...Object.fromEntries(fields), ...(size === undefined ? {} : { size }) };
};

const signalsOf = (strategy: string | undefined): string =>
  strategy === undefined ? '/v1/signals' : `/v1/strategies/${encodeURIComponent(strategy)}/signals`;

/** The signal once it is rejected, done or copied for all, else as it stands when the time is over. */
const ended = async (
  api: Api,
  { signalId }: Body,
  whose: string | { readonly userId: unknown },
  seconds: number,
): Promise<Body> => {
  const until = performance.now() + seconds * 1_000;
  const strategy = typeof whose === 'string' ? whose : undefined;
  const userId = typeof whose === 'object' && typeof whose.userId === 'string' ? whose.userId : undefined;
  for (;;) {
    const story = await api.get(`${signalsOf(strategy)}/${encodeURIComponent(String(signalId))}`, { userId });
    const over = ['rejected', 'done', 'copied'].includes(String(story['status']));
    if (over || performance.now() > until) return story;
    await delay(POLL_MS);
  }
};

const refusalsOf = (story: Body): readonly Body[] => (story['refusals'] as readonly Body[] | undefined) ?? [];
const filledNothing = (story: Body): boolean => refusalsOf(story).length > 0;

const shown = (story: Body): string => {
  const { signalId, userId, status, pair, side, signalType, orderIds } = story;
  const orders = (orderIds as readonly string[] | undefined) ?? [];
  const head =
    story['copied'] === undefined
      ? card({ signalId, userId, status, pair, side, signalType, orders: orders.join(' ') })
      : copiesShown(story);
  const refusals = refusalsOf(story);
  if (refusals.length === 0) return head;
  const rows = refusals.map(({ stage, code, message }) => [stage, code, message]);
  return `${head}\n${table(['REFUSED BY', 'CODE', 'WHY'], rows)}`;
};

/** A strategy's own signal: how many got a copy, what came of those, and who got none. */
const copiesShown = (story: Body): string => {
  const { signalId, strategyId, status, pair, side, signalType, subscribers, copied, skipped } = story;
  const outcomes = story['outcomes'] as Body;
  const head = card({
    signalId,
    strategyId,
    status,
    pair,
    side,
    signalType,
    subscribers,
    copied,
    skipped,
    ...outcomes,
  });
  const skips = (story['skips'] as readonly Body[] | undefined) ?? [];
  if (skips.length === 0) return head;
  const rows = skips.map(({ userId, accountId, reason }) => [userId, accountId, reason]);
  return `${head}\n${table(['USER', 'ACCOUNT', 'NO COPY'], rows)}`;
};
