import { decimal, floorTo, plain, ZERO, type Decimal } from '@switchyard/money';
import type { Trade } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { Order } from '../../core/order.js';
import { billId, okxIds } from './ids.js';

/** Numbers as OKX writes them: strings, as short as they go. */
export const short = (value: Decimal | string): string => plain(typeof value === 'string' ? decimal(value) : value);

/** What an account pays is negative. */
export const paid = (value: Decimal | string): string => {
  const amount = short(value);
  return amount === '0' ? amount : `-${amount}`;
};

/** An order that came without a client id has one here all the same, of a form that nobody can send; it is not told. */
export const NAMELESS = '~';
const clOrdIdOf = ({ clientOrderId }: Order): string => (clientOrderId.startsWith(NAMELESS) ? '' : clientOrderId);

const STATE = {
  open: 'live',
  partially_filled: 'partially_filled',
  filled: 'filled',
  cancelled: 'canceled',
  expired: 'canceled',
} as const satisfies Record<Order['status'], string>;

export const stateOf = ({ status }: Order): string => STATE[status];

export const ordTypeOf = ({ type, postOnly, timeInForce }: Order): string => {
  if (type === 'market') return 'market';
  if (postOnly) return 'post_only';
  return timeInForce === 'ioc' || timeInForce === 'fok' ? timeInForce : 'limit';
};

/** Why an order was cancelled: https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-order-channel */
const cancelSource = (order: Order): readonly [code: string, reason: string] => {
  if (order.status === 'cancelled') return ['1', 'Order canceled by user'];
  if (order.status !== 'expired') return ['', ''];
  if (order.postOnly) return ['31', 'The post-only order will take liquidity in taker orders'];
  if (order.timeInForce === 'fok') return ['13', 'Order canceled: FOK order was canceled due to incompletely filled.'];
  return ['14', 'Order canceled: IOC order was partially canceled due to incompletely filled.'];
};

/** The row that answers for an order that was placed, amended or cancelled. */
export const acknowledged = (exchange: Exchange, order: Order, sMsg = ''): object => ({
  clOrdId: clOrdIdOf(order),
  ordId: okxIds.order(order.orderId),
  tag: '',
  ts: String(exchange.now()),
  sCode: '0',
  sMsg,
});

const averageOf = ({ executed, quoteExecuted }: Order): string =>
  executed.eq(ZERO) ? '' : short(floorTo(quoteExecuted.div(executed), decimal('0.00000001')));

/** An order as `GET /api/v5/trade/order` and the lists of orders tell of it. */
export const orderDetails = (exchange: Exchange, order: Order): object => {
  const instrument = exchange.instrument(order.symbol);
  const [base, quote] = [instrument?.base ?? '', instrument?.quote ?? ''];
  const last = order.fills.at(-1);
  const fee = order.fills.reduce((sum, fill) => sum.plus(decimal(fill.fee)), ZERO);
  const [source, reason] = cancelSource(order);
  const bySize = order.quoteQuantity === undefined ? 'base_ccy' : 'quote_ccy';
  return {
    accFillSz: short(order.executed),
    algoClOrdId: '',
    algoId: '',
    attachAlgoClOrdId: '',
    attachAlgoOrds: [],
    avgPx: averageOf(order),
    cTime: String(order.receivedAt),
    cancelSource: source,
    cancelSourceReason: reason,
    category: 'normal',
    ccy: '',
    clOrdId: clOrdIdOf(order),
    fee: paid(fee),
    feeCcy: order.side === 'buy' ? base : quote,
    fillPx: last?.price ?? '',
    fillSz: last?.quantity ?? '0',
    fillTime: last === undefined ? '' : String(last.at),
    instId: order.symbol,
    instType: 'SPOT',
    isTpLimit: 'false',
    lever: '',
    linkedAlgoOrd: { algoId: '' },
    ordId: okxIds.order(order.orderId),
    ordType: ordTypeOf(order),
    pnl: '0',
    posSide: 'net',
    px: order.limitPrice ?? '',
    pxType: '',
    pxUsd: '',
    pxVol: '',
    quickMgnType: '',
    rebate: '0',
    rebateCcy: order.side === 'buy' ? quote : base,
    reduceOnly: 'false',
    side: order.side,
    slOrdPx: '',
    slTriggerPx: '',
    slTriggerPxType: '',
    source: '',
    state: stateOf(order),
    stpId: '',
    stpMode: 'cancel_maker',
    sz: order.quoteQuantity ?? order.quantity,
    tag: '',
    tdMode: 'cash',
    tgtCcy: order.type === 'market' ? bySize : '',
    tpOrdPx: '',
    tpTriggerPx: '',
    tpTriggerPxType: '',
    tradeId: last === undefined ? '' : okxIds.trade(last.tradeId),
    tradeQuoteCcy: quote,
    uTime: String(order.updatedAt),
  };
};

/** A row of `trade/fills`. */
export const fillRow = (exchange: Exchange, { order, fill }: Trade): object => ({
  side: order.side,
  fillSz: fill.quantity,
  fillPx: fill.price,
  fillPxVol: '',
  fillPxUsd: '',
  fillFwdPx: '',
  fillIdxPx: '',
  fillMarkPx: '',
  fillMarkVol: '',
  fillPnl: '0',
  fee: paid(fill.fee),
  feeCcy: fill.feeCurrency,
  feeRate: paid(exchange.fees[fill.liquidity]),
  ordId: okxIds.order(order.orderId),
  clOrdId: clOrdIdOf(order),
  instType: 'SPOT',
  instId: order.symbol,
  posSide: 'net',
  billId: billId(fill.tradeId),
  tradeId: okxIds.trade(fill.tradeId),
  subType: order.side === 'buy' ? '1' : '2',
  execType: fill.liquidity === 'maker' ? 'M' : 'T',
  tag: '',
  fillTime: String(fill.at),
  ts: String(fill.at),
  tradeQuoteCcy: exchange.instrument(order.symbol)?.quote ?? '',
});
