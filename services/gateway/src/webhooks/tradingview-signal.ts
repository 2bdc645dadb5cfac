import type { BadField, MarketSnapshot } from '@switchyard/contracts';
import { deriveId } from '@switchyard/log';
import { Decimal, plain } from '@switchyard/money';
import { JsonNumber, plainName, readAlert, type Alert, type AlertField } from './alert-fields.js';
import { intentOf, sayingOf, type Holding, type Intent, type Word } from './alert-intent.js';
import { pairOfSymbol } from './tradingview-pair.js';

/** Whose alert it is: the user and the strategy that the webhook was made for. */
export interface AlertOwner {
  readonly userId: string;
  readonly strategyId: string;
}

export type SignalOfAlert =
  | {
      readonly ok: true;
      /** As `POST /v1/signals` takes it; `generatedAt` is missing where the alert names no time. */
      readonly body: Readonly<Record<string, unknown>>;
      /** Field of the signal -> what the alert calls it. */
      readonly names: ReadonlyMap<string, string>;
      /** Whether the id was made from the content, and no time stands in it: the same alert again can't be told from its repetition. */
      readonly undated: boolean;
    }
  | {
      readonly ok: false;
      readonly errors: readonly BadField[];
      /** What could be read all the same. */
      readonly body?: Readonly<Record<string, unknown>>;
      readonly names?: ReadonlyMap<string, string>;
      /** The symbol that stands for no listed pair, where nothing else is wrong. */
      readonly unknownSymbol?: string;
    };

/** What alerts call what we know, by plain name; the first that is there wins, the others are kept as metadata. */
const ALIASES = {
  signalId: ['signalid', 'alertid'],
  tradeId: ['tradeid'],
  accountId: ['accountid'],
  mode: ['mode'],
  pair: ['pair', 'symbol', 'ticker', 'instrument', 'market'],
  exchange: ['exchange'],
  after: ['marketposition', 'position'],
  before: ['prevmarketposition', 'prevposition', 'previousposition'],
  positionSize: ['positionsize'],
  exitType: ['exittype', 'exitreason', 'closetype'],
  entryPrice: ['entryprice', 'entry', 'price', 'close', 'orderprice'],
  exitPrice: ['exitprice', 'exit'],
  stopLoss: ['stoploss', 'sl', 'stoplossprice', 'stop'],
  takeProfit: ['takeprofit', 'tp', 'takeprofitprice', 'target'],
  base: ['quantity', 'qty', 'q', 'contracts', 'amount', 'size', 'base'],
  quote: ['quote', 'quoteamount', 'usd', 'cash', 'notional'],
  balancePercent: ['balancepercent', 'percent'],
  strength: ['strength'],
  confluenceScore: ['confluencescore', 'confluence'],
  confidence: ['confidence'],
  orderType: ['ordertype'],
  limitPrice: ['limitprice'],
  stopPrice: ['stopprice'],
  displayQuantity: ['displayquantity'],
  timeInForce: ['timeinforce'],
  expireAt: ['expireat'],
  postOnly: ['postonly'],
  reduceOnly: ['reduceonly'],
  venues: ['venues'],
  execution: ['execution'],
  generatedAt: ['generatedat', 'timenow', 'timestamp', 'alerttime', 'sentat'],
  userId: ['userid'],
  strategyId: ['strategyid'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Known = keyof typeof ALIASES;

/** Where alerts say what to do; every one that is there is heard. */
const ACTIONS = ['action', 'side', 'signaltype', 'orderaction', 'direction'];
/** Where they may say it: what is no such word is a note. */
const MAYBE_ACTIONS = ['signal', 'order', 'command', 'type', 'event', 'alerttype'];
/** `type` and `order` are also where people write `market` or `limit`. */
const ORDER_TYPE = /^(market|limit|stop|stop_limit)$/i;
/** When the bar began or closed: with it an alert has a time, though its freshness is not judged by it. */
const BAR_TIMES = ['time', 'bartime', 'candletime'];
/** What other robots want in an alert and no log may hold. */
const SECRET = /secret|passphrase|password|passwd|apikey|privatekey|token|webhook/;

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.values(ALIASES).flat(),
  ...ACTIONS,
  ...MAYBE_ACTIONS,
  ...BAR_TIMES,
  ...['session', 'bias', 'strategy'],
]);

/**
 * The signal that an alert stands for. Pure: the same alert is the same signal, id included, so that what TradingView sends again is the
 * same signal again. What is not ours is kept as metadata; what looks like a secret is left out of it.
 */
export const signalOfAlert = (
  text: string,
  owner: AlertOwner,
  listings: readonly Pick<MarketSnapshot, 'venue' | 'pair' | 'instrument'>[],
): SignalOfAlert => {
  const reading = readAlert(text, (name) => KNOWN.has(name));
  if (!reading.ok) return reading;
  const { alert } = reading;
  const found = new Found(alert);
  const errors: BadField[] = [];
  const intent = intentIn(alert, found, errors);
  const { pair, unknownSymbol } = pairIn(alert, found, listings, errors);
  const body: Record<string, unknown> = { ...fieldsIn(found, intent, errors), pair };
  for (const [name, own] of Object.entries(owner)) {
    const field = found.take(name as Known);
    if (field !== undefined && textOf(field.value) !== own)
      errors.push({ path: field.name, problem: 'is not what this webhook was made for' });
    body[name] = own;
  }
  body['strategy'] = owner.strategyId;
  const metadata = found.rest(alert);
  body['metadata'] = { source: 'tradingview', ...metadata };
  if (errors.length > 0 || intent === undefined || pair === undefined)
    return {
      ok: false,
      errors,
      body,
      names: found.names,
      ...(unknownSymbol === undefined || errors.length > 1 ? {} : { unknownSymbol }),
    };
  const dated = body['generatedAt'] !== undefined || BAR_TIMES.some((name) => alert.fields.has(name));
  const ownId = body['signalId'] !== undefined;
  body['signalId'] ??= derivedId(body, owner);
  return { ok: true, body, names: found.names, undated: !dated && !ownId };
};

/** `tv-` and 128 bits of what the alert says; of its own user and strategy alone. */
const derivedId = (body: Readonly<Record<string, unknown>>, { userId, strategyId }: AlertOwner): string =>
  `tv-${deriveId('tradingview-alert', userId, strategyId, sortedText(body))}`;

const sortedText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** The alert's fields as they are taken, and what nobody took. */
class Found {
  /** Field of the signal -> what the alert calls it. */
  readonly names = new Map<string, string>();
  private readonly taken = new Set<string>();

  constructor(private readonly alert: Alert) {}

  take(known: Known): AlertField | undefined {
    const plainest = ALIASES[known].find((name) => this.alert.fields.has(name));
    const field = plainest === undefined ? undefined : this.alert.fields.get(plainest);
    if (plainest === undefined || field === undefined || this.taken.has(plainest)) return undefined;
    this.taken.add(plainest);
    this.names.set(known, field.name);
    return field;
  }

  heard(plainest: string): void {
    this.taken.add(plainest);
  }

  /** Keeps it under a name of ours. */
  readonly kept: Record<string, unknown> = {};

  rest({ fields, sentence }: Alert): Readonly<Record<string, unknown>> {
    const others = [...fields].filter(([name]) => !this.taken.has(name));
    const secret = others.filter(([name]) => SECRET.test(name)).map(([, field]) => field.name);
    return {
      ...(sentence === undefined ? {} : { message: sentence }),
      ...Object.fromEntries(
        others.flatMap(([name, field]) => (SECRET.test(name) ? [] : [[field.name, withoutSecrets(field.value)]])),
      ),
      ...this.kept,
      ...(secret.length === 0 ? {} : { leftOut: secret }),
    };
  }
}

const HOLDINGS: readonly Holding[] = ['long', 'short', 'flat'];

const intentIn = ({ fields, words }: Alert, found: Found, errors: BadField[]): Intent | undefined => {
  const said: Word[] = [];
  for (const plainest of [...ACTIONS, ...MAYBE_ACTIONS]) {
    const field = fields.get(plainest);
    if (field === undefined) continue;
    const text = textOf(field.value) ?? '';
    const isMaybe = MAYBE_ACTIONS.includes(plainest);
    if (isMaybe && ORDER_TYPE.test(text)) found.kept['orderType'] ??= text.toLowerCase();
    else if (!isMaybe || sayingOf(text) !== undefined) said.push({ path: field.name, text });
    else continue;
    found.heard(plainest);
  }
  const exitType = found.take('exitType');
  if (exitType !== undefined) said.push({ path: exitType.name, text: textOf(exitType.value) ?? '' });
  for (const word of words) if (sayingOf(word) !== undefined) said.push({ path: '', text: word });
  const holding = (known: 'after' | 'before'): Holding | undefined => {
    const field = found.take(known);
    const text = field === undefined ? undefined : (textOf(field.value) ?? '').toLowerCase();
    const held = HOLDINGS.find((one) => one === text);
    if (field !== undefined && held === undefined)
      errors.push({ path: field.name, problem: 'must be one of long, short, flat' });
    return held;
  };
  const isBeyond = exceedsPosition(fields);
  const [before, after] = [holding('before'), holding('after') ?? bySize(found, errors)];
  if (errors.some(({ problem }) => problem.startsWith('must be one of long'))) return undefined;
  const reading = intentOf(said, { after, before, isBeyond });
  if (reading.ok) return reading.intent;
  errors.push(...reading.errors);
  return undefined;
};

/** Whether more was ordered than is held once it is filled, where both are told. */
const exceedsPosition = (fields: Alert['fields']): boolean => {
  const numberOf = (known: Known): string | undefined => {
    const name = ALIASES[known].find((one) => fields.has(one));
    return name === undefined ? undefined : decimalOf(fields.get(name)?.value);
  };
  const [ordered, left] = [numberOf('base'), numberOf('positionSize')];
  return ordered !== undefined && left !== undefined && new Decimal(ordered).abs().gt(new Decimal(left).abs());
};

/** `{{strategy.position_size}}`: negative is short. */
const bySize = (found: Found, errors: BadField[]): Holding | undefined => {
  const field = found.take('positionSize');
  if (field === undefined) return undefined;
  const size = decimalOf(field.value);
  if (size === undefined) errors.push({ path: field.name, problem: 'must be a number' });
  else return size === '0' ? 'flat' : size.startsWith('-') ? 'short' : 'long';
  return undefined;
};

const pairIn = (
  { words }: Alert,
  found: Found,
  listings: Parameters<typeof pairOfSymbol>[2],
  errors: BadField[],
): { readonly pair?: string; readonly unknownSymbol?: string } => {
  const field = found.take('pair');
  const exchangeField = found.take('exchange');
  const exchange = exchangeField === undefined ? undefined : textOf(exchangeField.value);
  if (exchange !== undefined) found.kept['exchange'] = exchange;
  // In a sentence the symbol is the word that stands for a pair; where none does, the one that looks as if it should.
  const others = field === undefined ? words.filter((word) => sayingOf(word) === undefined) : [];
  const symbols = field === undefined ? others : [textOf(field.value) ?? ''];
  const pairs = new Set(symbols.flatMap((symbol) => pairOfSymbol(symbol, exchange, listings) ?? []));
  const path = field?.name ?? 'pair';
  if (pairs.size > 1) errors.push({ path, problem: 'is given twice' });
  const [pair] = pairs;
  if (pair !== undefined) {
    const symbol = symbols.find((one) => pairOfSymbol(one, exchange, listings) !== undefined);
    if (symbol !== undefined && symbol !== pair) found.kept['symbol'] = symbol;
    return pairs.size === 1 ? { pair } : {};
  }
  const named = symbols.find((symbol) => field !== undefined || /^[A-Z0-9_]*:?[A-Z0-9][A-Z0-9./_-]{4,}$/.test(symbol));
  errors.push({ path, problem: named === undefined ? 'is missing' : NOT_LISTED });
  return named === undefined ? {} : { unknownSymbol: named.slice(0, 64) };
};

const NOT_LISTED =
  'stands for no listed pair: USD and USDT are different, perpetuals are none; "pair": "BTC-USD" says it plainly';

/** A decimal in plain notation, of a number or of a text; undefined: it is none. */
const decimalOf = (value: unknown): string | undefined => {
  const text = textOf(value);
  if (text === undefined || !/^[+-]?\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,2})?$/i.test(text)) return undefined;
  return plain(new Decimal(text.replace(/^\+/, '')));
};

const textOf = (value: unknown): string | undefined =>
  value instanceof JsonNumber ? value.text : typeof value === 'string' ? value.trim() : undefined;

const fieldsIn = (found: Found, intent: Intent | undefined, errors: BadField[]): Record<string, unknown> => {
  const amount = (known: Known): string | undefined => {
    const field = found.take(known);
    if (field === undefined) return undefined;
    const read = decimalOf(field.value);
    if (read === undefined) errors.push({ path: field.name, problem: 'must be a number, such as 64000.5' });
    return read;
  };
  const asSent = (known: Known): unknown => {
    const field = found.take(known);
    return field === undefined ? undefined : plainValue(field.value);
  };
  const flagOf = (known: Known): unknown => {
    const value = asSent(known);
    return value === 'true' ? true : value === 'false' ? false : value;
  };
  const closes = intent !== undefined && intent.signalType !== 'entry';
  const prices = { entryPrice: amount('entryPrice'), stopLoss: amount('stopLoss'), takeProfit: amount('takeProfit') };
  const exitPrice = amount('exitPrice') ?? (closes ? prices.entryPrice : undefined);
  if (exitPrice !== undefined) found.kept['exitPrice'] = exitPrice;
  if (intent?.exitType !== undefined) found.kept['exitType'] = intent.exitType;
  // What a closed trade was opened at, and its levels, are told; the exit itself is not checked against them.
  if (closes) Object.assign(found.kept, defined({ stopLoss: prices.stopLoss, takeProfit: prices.takeProfit }));
  const size = sizeIn(found, amount, errors);
  const orderType = asSent('orderType') ?? found.kept['orderType'];
  delete found.kept['orderType'];
  return defined({
    signalId: asSent('signalId'),
    tradeId: asSent('tradeId'),
    accountId: asSent('accountId'),
    mode: asSent('mode'),
    side: intent?.side,
    signalType: intent?.signalType,
    reduceOnly: flagOf('reduceOnly'),
    size,
    strength: numberIn(found, 'strength', errors),
    confluenceScore: numberIn(found, 'confluenceScore', errors),
    confidence: numberIn(found, 'confidence', errors),
    ...(closes ? {} : prices),
    orderType: typeof orderType === 'string' ? orderType.toLowerCase() : orderType,
    limitPrice: amount('limitPrice'),
    stopPrice: amount('stopPrice'),
    displayQuantity: amount('displayQuantity'),
    timeInForce: asSent('timeInForce'),
    expireAt: asSent('expireAt'),
    postOnly: flagOf('postOnly'),
    venues: asSent('venues'),
    execution: asSent('execution'),
    generatedAt: timeIn(found, errors),
  });
};

const sizeIn = (found: Found, amount: (known: Known) => string | undefined, errors: BadField[]): unknown => {
  const base = found.take('base');
  const [quote, balancePercent] = [amount('quote'), numberIn(found, 'balancePercent', errors)];
  const text = base === undefined ? undefined : textOf(base.value);
  const share = /^(\d{1,3}(?:\.\d{1,9})?) ?%$/.exec(text ?? '')?.[1];
  const quantity = base === undefined || share !== undefined ? undefined : decimalOf(base.value);
  // A size as REST takes it: {"quote": "250"}.
  if (base !== undefined && text === undefined && typeof base.value === 'object') return plainValue(base.value);
  if (base !== undefined && share === undefined && quantity === undefined)
    errors.push({ path: base.name, problem: 'must be a number, or a percentage such as 2%' });
  const size = defined({ base: quantity, quote, balancePercent: share === undefined ? balancePercent : Number(share) });
  return Object.keys(size).length === 0 ? undefined : size;
};

const numberIn = (found: Found, known: Known, errors: BadField[]): number | undefined => {
  const field = found.take(known);
  if (field === undefined) return undefined;
  const read = decimalOf(field.value);
  if (read === undefined) errors.push({ path: field.name, problem: 'must be a number' });
  return read === undefined ? undefined : Number(read);
};

/** RFC 3339, or seconds or milliseconds since 1970, as Pine's `timenow` is. */
const timeIn = (found: Found, errors: BadField[]): string | undefined => {
  const field = found.take('generatedAt');
  if (field === undefined) return undefined;
  const text = textOf(field.value) ?? '';
  if (/^\d{10}$|^\d{13}$/.test(text)) return new Date(Number(text.padEnd(13, '0'))).toISOString();
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return text;
  errors.push({ path: field.name, problem: 'must be a time, such as {{timenow}} gives' });
  return undefined;
};

/** As JSON would hold it, with numbers that a float can't hold as texts. */
const plainValue = (value: unknown): unknown => {
  if (value instanceof JsonNumber) return String(Number(value.text)) === value.text ? Number(value.text) : value.text;
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainValue(part)]));
};

const withoutSecrets = (value: unknown): unknown => {
  if (value instanceof JsonNumber) return plainValue(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (SECRET.test(plainName(key)) ? [] : [[key, withoutSecrets(part)]])),
  );
};

const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
