/** The closed vocabularies of the product: one word per idea, the same in proto, topics, REST, metrics and docs. */

export const SIDES = ['buy', 'sell'] as const;
export type Side = (typeof SIDES)[number];
export const opposite = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');

export const SIGNAL_TYPES = ['entry', 'exit', 'profit_take', 'stop_loss'] as const;
export type SignalType = (typeof SIGNAL_TYPES)[number];
/** Every signal but an entry closes what an entry opened. */
export const isExit = (type: SignalType): boolean => type !== 'entry';

/** Why an account that follows a strategy got no copy of one of its signals (docs/concepts/fan-out.md). */
export const SKIP_REASONS = [
  'unsubscribed',
  'paused',
  'nothing_entered',
  'another_mode',
  'pair_filtered',
  'side_filtered',
  'strength_filtered',
  'confluence_filtered',
  'confidence_filtered',
  'outside_hours',
  'not_in_dollars',
  'price_unknown',
  'size_too_small',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export const ORDER_TYPES = ['market', 'limit', 'stop', 'stop_limit'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** DAY, good till cancelled, immediate or cancel, fill or kill, good till date. */
export const TIMES_IN_FORCE = ['day', 'gtc', 'ioc', 'fok', 'gtd'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

export const ALGORITHMS = ['immediate', 'iceberg', 'twap', 'vwap', 'implementation_shortfall', 'smart'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** `simulated`: no call, filled against the live book. `paper`: HTTP to a simulated venue. `live`: real money. */
export const MODES = ['simulated', 'paper', 'live'] as const;
export type Mode = (typeof MODES)[number];

/**
 * What may be sent in a scope. `reducing`: cancels, and what reduces a position; open orders stay. `halted`: the same, and every executor says
 * what had left before and is not known yet, until nothing is.
 */
export const TRADING_STATES = ['active', 'reducing', 'halted'] as const;
export type TradingState = (typeof TRADING_STATES)[number];

export const MARKETS = ['spot', 'futures'] as const;
export type Market = (typeof MARKETS)[number];

export const LIQUIDITY = ['maker', 'taker'] as const;
export type Liquidity = (typeof LIQUIDITY)[number];

/** In the order in which their simulators get ports: a new one comes last. */
export const VENUES = ['binance', 'kraken', 'coinbase', 'bybit', 'okx', 'alpaca', 'kucoin'] as const;
export type Venue = (typeof VENUES)[number];

/**
 * Those of a deployment that does not name its own (`SWITCHYARD_VENUES`), the same for every process: a journal that knew fewer than routing
 * would miss events. A new venue stays out of it: apart (`start:*`) it is a process more, which nobody asked for.
 */
export const STANDARD_VENUES = [
  'binance',
  'kraken',
  'coinbase',
  'bybit',
  'okx',
  'alpaca',
] as const satisfies readonly Venue[];

export const ORDER_STATUSES = [
  'pending',
  'routing',
  'queued',
  'executing',
  'unknown',
  'placed',
  'partially_filled',
  'filled',
  'cancel_pending',
  'cancelled',
  'rejected',
  'expired',
  'failed',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];
