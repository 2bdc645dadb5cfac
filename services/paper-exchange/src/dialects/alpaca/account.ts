import { decimal, type Decimal } from '@switchyard/money';
import type { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { assetId, inNewYork, instant, shortest } from './format.js';
import { given, type Route, type SignedContext } from './route.js';

const ZERO = decimal('0');
const USD = 'USD';

interface Holding {
  readonly asset: string;
  readonly total: Decimal;
  readonly free: Decimal;
  readonly price: Decimal;
}

/** What a coin is worth in dollars: the middle of its book; a coin without one counts as a dollar. */
const priceOf = (exchange: Exchange, asset: string): Decimal => {
  const instrument = exchange.instrument(`${asset}/${USD}`);
  if (instrument === undefined) return decimal('1');
  const { bids, asks } = exchange.book(instrument);
  const [bid, ask] = [bids[0]?.price, asks[0]?.price];
  return bid !== undefined && ask !== undefined ? bid.plus(ask).div('2') : (bid ?? ask ?? decimal('1'));
};

const holdingsOf = ({ exchange, account }: Customer): readonly Holding[] =>
  [...account.balances]
    .filter(([asset, { free, locked }]) => asset !== USD && free.plus(locked).gt(ZERO))
    .map(([asset, { free, locked }]) => ({ asset, free, total: free.plus(locked), price: priceOf(exchange, asset) }));

const valueOf = ({ total, price }: Holding): Decimal => total.times(price);

const account = ({ exchange, customer }: SignedContext): unknown => {
  exchange.settleAll();
  const { free, locked } = customer.account.balance(USD);
  const positions = holdingsOf(customer).reduce((sum, holding) => sum.plus(valueOf(holding)), ZERO);
  const cash = shortest(free);
  const equity = shortest(free.plus(locked).plus(positions));
  const held = shortest(positions);
  return {
    id: assetId(customer.key),
    account_number: `PA${customer.key.slice(-8)}`,
    status: 'ACTIVE',
    crypto_status: 'ACTIVE',
    currency: USD,
    // Cash is what open orders leave of it.
    buying_power: cash,
    regt_buying_power: cash,
    daytrading_buying_power: '0',
    effective_buying_power: cash,
    non_marginable_buying_power: cash,
    cash,
    accrued_fees: '0',
    pending_transfer_in: '0',
    portfolio_value: equity,
    pattern_day_trader: false,
    trading_blocked: false,
    transfers_blocked: false,
    account_blocked: false,
    created_at: instant(customer.account.openedAt),
    trade_suspended_by_user: false,
    multiplier: '1',
    shorting_enabled: false,
    equity,
    last_equity: equity,
    long_market_value: held,
    short_market_value: '0',
    position_market_value: held,
    initial_margin: '0',
    maintenance_margin: '0',
    last_maintenance_margin: '0',
    sma: '0',
    daytrade_count: 0,
    crypto_tier: 1,
    intraday_adjustments: '0',
    pending_reg_taf_fees: '0',
  };
};

const positions = ({ exchange, customer }: SignedContext): unknown => {
  exchange.settleAll();
  return holdingsOf(customer).map((holding) => ({
    asset_id: assetId(`${holding.asset}/${USD}`),
    symbol: `${holding.asset}${USD}`,
    exchange: 'CRYPTO',
    asset_class: 'crypto',
    asset_marginable: false,
    qty: shortest(holding.total),
    avg_entry_price: shortest(holding.price),
    side: 'long',
    market_value: shortest(valueOf(holding)),
    cost_basis: shortest(valueOf(holding)),
    unrealized_pl: '0',
    unrealized_plpc: '0',
    unrealized_intraday_pl: '0',
    unrealized_intraday_plpc: '0',
    current_price: shortest(holding.price),
    lastday_price: shortest(holding.price),
    change_today: '0',
    qty_available: shortest(holding.free),
  }));
};

const assets = ({ exchange, parameters }: SignedContext): unknown => {
  if (!['crypto', undefined].includes(given(parameters, 'asset_class'))) return [];
  if (given(parameters, 'status') === 'inactive') return [];
  return [...exchange.state.instruments.values()].map(({ symbol, base, quote, tick, lot, minQuantity }) => ({
    id: assetId(symbol),
    class: 'crypto',
    exchange: 'CRYPTO',
    symbol,
    name: `${base} / ${quote}`,
    status: 'active',
    tradable: true,
    marginable: false,
    maintenance_margin_requirement: 100,
    shortable: false,
    easy_to_borrow: false,
    fractionable: true,
    attributes: [],
    min_order_size: shortest(minQuantity),
    min_trade_increment: shortest(lot),
    price_increment: shortest(tick),
  }));
};

/** Of the stock exchange; crypto never closes. */
const clock = ({ exchange }: SignedContext): unknown => {
  const now = exchange.now();
  const soon = inNewYork(now + 3_600_000);
  return { timestamp: inNewYork(now), is_open: false, next_open: soon, next_close: soon };
};

export const accountRoutes: Readonly<Record<string, Route>> = {
  'GET /v2/account': { answer: account },
  'GET /v2/positions': { answer: positions },
  'GET /v2/assets': { answer: assets },
  'GET /v2/clock': { answer: clock },
};
