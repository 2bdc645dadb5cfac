import type { BadField } from '@switchyard/contracts';
import type { Side, SignalType } from '@switchyard/model';

/** Which way the alert trades, and whether it opens or closes. */
export interface Intent {
  readonly side: Side;
  readonly signalType: SignalType;
  /** Why it closes, as alerts name it. */
  readonly exitType: 'sl' | 'tp' | 'be' | undefined;
}

/** What one word says of it. */
interface Saying {
  readonly act?: Side;
  readonly direction?: 'long' | 'short';
  readonly kind?: 'entry' | 'exit';
  readonly exitType?: 'sl' | 'tp' | 'be';
}

/** A word, and where the alert says it. */
export interface Word {
  readonly path: string;
  readonly text: string;
}

/** What a strategy holds: `long`, `short` or `flat`, or its signed quantity. */
export type Holding = 'long' | 'short' | 'flat';

/** What is known of a strategy's position around its order. */
export interface Holdings {
  /** Once the order is filled (`{{strategy.market_position}}`). */
  readonly after?: Holding | undefined;
  readonly before?: Holding | undefined;
  /** Whether the order is larger than the position that it leaves. */
  readonly isBeyond?: boolean;
}

const SAYINGS: ReadonlyMap<string, Saying> = new Map<string, Saying>(
  Object.entries({
    buy: { act: 'buy' },
    sell: { act: 'sell' },
    long: { direction: 'long' },
    short: { direction: 'short' },
    entry: { kind: 'entry' },
    enter: { kind: 'entry' },
    open: { kind: 'entry' },
    exit: { kind: 'exit' },
    close: { kind: 'exit' },
    flat: { kind: 'exit' },
    flatten: { kind: 'exit' },
    cover: { kind: 'exit', direction: 'short' },
    sl: { kind: 'exit', exitType: 'sl' },
    stoploss: { kind: 'exit', exitType: 'sl' },
    tp: { kind: 'exit', exitType: 'tp' },
    takeprofit: { kind: 'exit', exitType: 'tp' },
    profittake: { kind: 'exit', exitType: 'tp' },
    be: { kind: 'exit', exitType: 'be' },
    breakeven: { kind: 'exit', exitType: 'be' },
  }),
);

/** What a word such as `buy`, `exit_long` or `StopLoss` says; undefined: nothing that is known here. */
export const sayingOf = (text: string): Saying | undefined => {
  if (text.length > 64) return undefined;
  const parts = text
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((part) => part !== '');
  const whole = SAYINGS.get(parts.join(''));
  if (whole !== undefined) return whole;
  const said = parts.map((part) => SAYINGS.get(part));
  if (said.length === 0 || said.includes(undefined)) return undefined;
  return said.reduce<Saying>((all, one) => ({ ...all, ...one }), {});
};

export type IntentReading =
  { readonly ok: true; readonly intent: Intent } | { readonly ok: false; readonly errors: readonly BadField[] };

/**
 * What the words of an alert come to. Nothing is guessed: what can be read in two ways is refused with what to add, since a sell may close
 * what is held or open a short.
 */
export const intentOf = (words: readonly Word[], { after, before, isBeyond = false }: Holdings): IntentReading => {
  const said: { -readonly [Part in keyof Saying]?: Saying[Part] } = {};
  const errors: BadField[] = [];
  for (const { path, text } of words) {
    const saying = sayingOf(text);
    if (saying === undefined) {
      errors.push({ path, problem: KNOWN_WORDS });
      continue;
    }
    for (const [part, value] of Object.entries(saying) as [keyof Saying, never][]) {
      if (said[part] !== undefined && said[part] !== value)
        errors.push({ path, problem: `says ${value as string}, and the alert says ${said[part]} elsewhere` });
      said[part] = value;
    }
  }
  if (errors.length > 0) return { ok: false, errors };
  const held = fromHoldings(said, { after, before, isBeyond });
  if (typeof held === 'string') return wrong(held);
  const { act, exitType } = held;
  const kind = held.kind ?? kindOf(held);
  if (kind === undefined) return wrong(act === 'sell' ? AMBIGUOUS_SELL : MISSING);
  const direction = held.direction ?? directionOf(kind, act);
  if (direction === undefined) return wrong(MISSING_DIRECTION);
  const side: Side = (kind === 'entry') === (direction === 'long') ? 'buy' : 'sell';
  if (act !== undefined && act !== side) return wrong(`says ${act}, but the ${kind} of a ${direction} is a ${side}`);
  const signalType =
    kind === 'entry' ? 'entry' : exitType === 'sl' ? 'stop_loss' : exitType === 'tp' ? 'profit_take' : 'exit';
  return { ok: true, intent: { side, signalType, exitType } };
};

const wrong = (problem: string): IntentReading => ({ ok: false, errors: [{ path: 'action', problem }] });

const KNOWN_WORDS = 'must be made of buy, sell, long, short, entry, exit, close, flat, sl, tp, be';
const MISSING = 'is missing: buy, sell, long, short, exit_long, exit_short, ...';
const MISSING_DIRECTION = 'does not say what is closed: long or short';
const AMBIGUOUS_SELL =
  'may close a long or open a short: say exit_long or short, or add "market_position": "{{strategy.market_position}}"';
const REVERSAL =
  'turns a position around, which is two signals: close it by one alert, and open the other way by another';

/** What the strategy holds before and after its order tells what the order did. A text: why that can't be. */
const fromHoldings = (said: Saying, { after, before, isBeyond }: Holdings): Saying | string => {
  if (after === undefined) return said;
  const { act, kind } = said;
  if (before !== undefined && before !== 'flat' && after !== 'flat' && before !== after) return REVERSAL;
  if (after === 'flat') {
    const direction = said.direction ?? (before === 'long' || before === 'short' ? before : undefined);
    return { ...said, kind: 'exit', ...(direction === undefined ? {} : { direction }) };
  }
  if (said.direction !== undefined && said.direction !== after)
    return `says ${said.direction}, but what is held afterwards is ${after}`;
  const adds = act === undefined || (act === 'buy') === (after === 'long');
  // More was ordered than is held afterwards: a part of it closed what was held the other way.
  if (adds && isBeyond) return REVERSAL;
  return { ...said, direction: after, kind: kind ?? (adds ? 'entry' : 'exit') };
};

const kindOf = ({ act, direction }: Saying): 'entry' | 'exit' | undefined => {
  if (direction === undefined) return act === 'buy' ? 'entry' : undefined;
  if (act === undefined) return 'entry';
  return (act === 'buy') === (direction === 'long') ? 'entry' : 'exit';
};

const directionOf = (kind: 'entry' | 'exit', act: Side | undefined): 'long' | 'short' | undefined => {
  if (act === undefined) return undefined;
  return (kind === 'entry') === (act === 'buy') ? 'long' : 'short';
};
