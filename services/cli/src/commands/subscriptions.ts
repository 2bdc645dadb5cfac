import type { Body } from '../api.js';
import type { Command, Given, OptionSpec } from '../command.js';
import { EXIT, Failure } from '../failure.js';
import { card, table } from '../table.js';

const subscriptionsOf = (userId = ''): string => `/v1/users/${encodeURIComponent(userId)}/subscriptions`;
const subscriptionOf = ([userId, strategyId = '', accountId = '']: readonly string[]): string =>
  `${subscriptionsOf(userId)}/${encodeURIComponent(strategyId)}/${encodeURIComponent(accountId)}`;

const TERMS: Readonly<Record<string, OptionSpec>> = {
  multiplier: { type: 'string', hint: 'FACTOR', help: 'Size: the strategy’s times this. Default 1.' },
  fixed: { type: 'string', hint: 'USD', help: 'Size: this amount for each entry, whatever the strategy says.' },
  equity: {
    type: 'string',
    hint: 'USD',
    help: 'Size: the share that the strategy’s has of this equity, of the account’s balance.',
  },
  factor: { type: 'string', hint: 'FACTOR', help: 'With --equity: that share times this.' },
  'max-quote': { type: 'string', hint: 'USD', help: 'No entry is worth more: it is cut.' },
  'max-quantity': { type: 'string', hint: 'AMOUNT', help: 'No entry is larger, in the base currency: it is cut.' },
  pair: { type: 'string', hint: 'BTC-USD', multiple: true, help: 'Only entries in it; may be given several times.' },
  side: { type: 'string', hint: 'buy|sell', help: 'Only entries of this side.' },
  'min-strength': { type: 'string', hint: 'NUMBER', help: 'Only entries at least so strong.' },
  'min-confluence': { type: 'string', hint: 'NUMBER', help: 'Only entries with at least this score.' },
  'min-confidence': { type: 'string', hint: '0..1', help: 'Only entries at least so confident.' },
  hours: {
    type: 'string',
    hint: '1-5/09:00-17:30',
    multiple: true,
    help: 'Only entries then, by the account’s zone: days (1 is Monday) and times; may be given several times.',
  },
  paused: { type: 'boolean', help: 'No entries for now.' },
};

export const SUBSCRIPTIONS: readonly Command[] = [
  {
    name: 'subscriptions list',
    usage: 'USER',
    summary: 'Strategies that a user’s accounts follow.',
    arity: [1, 1],
    run: async ({ api }, given) => {
      const { items } = await api.get(subscriptionsOf(given.arguments[0]));
      const rows = (items as readonly Body[]).map((one) => [
        one['strategyId'],
        one['accountId'],
        one['paused'] === true ? 'paused' : 'follows',
        sized(one['scaling'] as Scaling),
        [one['maxQuote'], one['maxQuantity']].flatMap((cap) => (typeof cap === 'string' ? [cap] : [])).join(' / '),
        one['filter'] === undefined && one['hours'] === undefined ? '' : 'some',
      ]);
      return {
        json: items,
        text: table(['STRATEGY', 'ACCOUNT', 'STATE', 'SIZE', 'AT MOST', 'ENTRIES'], rows, 'No strategy is followed.'),
      };
    },
  },
  {
    name: 'subscriptions add',
    usage: 'USER STRATEGY ACCOUNT',
    summary: 'Have an account follow a strategy.',
    details:
      'Each signal of the strategy becomes one of the account. Exits of what was entered are always copied, uncut: filters, hours, caps and a pause concern entries.',
    arity: [3, 3],
    options: TERMS,
    run: async ({ api }, given) => {
      const [userId, strategyId, accountId] = given.arguments;
      const made = await api.send('POST', subscriptionsOf(userId), { strategyId, accountId, ...termsOf(given) });
      return { json: made, text: card(made) };
    },
  },
  changing('pause', 'No entries for now; exits of what is open go on.', { paused: true }),
  changing('resume', 'Entries again, from the strategy’s next signal on.', { paused: false }),
  {
    name: 'subscriptions remove',
    usage: 'USER STRATEGY ACCOUNT',
    summary: 'Follow no more: nothing is copied from now on, exits neither.',
    details: 'What is open stays open, and is the user’s to close.',
    arity: [3, 3],
    run: async ({ api }, given) => {
      const removed = await api.send('DELETE', subscriptionOf(given.arguments));
      return { json: removed, text: card(removed) };
    },
  },
];

function changing(name: string, summary: string, change: Body): Command {
  return {
    name: `subscriptions ${name}`,
    usage: 'USER STRATEGY ACCOUNT',
    summary,
    arity: [3, 3],
    run: async ({ api }, given) => {
      const changed = await api.send('PATCH', subscriptionOf(given.arguments), change);
      return { json: changed, text: card(changed) };
    },
  };
}

interface Scaling {
  readonly kind: string;
  readonly factor?: string;
  readonly quote?: string;
  readonly referenceEquity?: string;
}

const sized = ({ kind, factor, quote, referenceEquity }: Scaling): string => {
  if (kind === 'fixed') return `${quote ?? ''} USD`;
  if (kind === 'multiplier') return `x ${factor ?? ''}`;
  return `by equity of ${referenceEquity ?? ''}${factor === undefined ? '' : ` x ${factor}`}`;
};

const termsOf = (given: Given): Body => {
  const pairs = given.texts('pair');
  const filter = without({
    pairs: pairs.length === 0 ? undefined : pairs,
    sides: given.text('side') === undefined ? undefined : [given.text('side')],
    minStrength: numberOf(given, 'min-strength'),
    minConfluence: numberOf(given, 'min-confluence'),
    minConfidence: numberOf(given, 'min-confidence'),
  });
  const hours = given.texts('hours').map(windowOf);
  return without({
    scaling: scalingOf(given),
    filter: Object.keys(filter).length === 0 ? undefined : filter,
    maxQuote: given.text('max-quote'),
    maxQuantity: given.text('max-quantity'),
    hours: hours.length === 0 ? undefined : hours,
    paused: given.flag('paused') ? true : undefined,
  });
};

const scalingOf = (given: Given): Body => {
  const [multiplier, quote, referenceEquity, factor] = ['multiplier', 'fixed', 'equity', 'factor'].map((name) =>
    given.text(name),
  );
  if ([multiplier, quote, referenceEquity].filter((wish) => wish !== undefined).length > 1)
    throw new Failure(EXIT.usage, 'A size is --multiplier, --fixed or --equity, not several.');
  if (quote !== undefined) return { kind: 'fixed', quote };
  if (referenceEquity !== undefined) return without({ kind: 'equity', referenceEquity, factor });
  return { kind: 'multiplier', factor: multiplier ?? '1' };
};

const without = (fields: Body): Body =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const numberOf = (given: Given, name: string): number | undefined => {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new Failure(EXIT.usage, `--${name} is a number, not "${text}".`);
  return value;
};

/** `1-5/09:00-17:30`, `6,7/00:00-00:00`. */
const windowOf = (text: string): Body => {
  const [, days, from, to] = /^([1-7](?:[-,][1-7])*)\/(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  if (days === undefined)
    throw new Failure(EXIT.usage, `--hours is DAYS/FROM-TO such as 1-5/09:00-17:30, not "${text}".`);
  const named = days.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return { days: named, from, to };
};
