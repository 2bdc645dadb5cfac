import type { Account } from './account.js';
import type { Exchange } from './exchange.js';
import { asToldAt, isOpen, type Fill, type Order } from './order.js';

export interface Trade {
  readonly order: Order;
  readonly fill: Fill;
}

/**
 * What one customer is told of their own orders and trades: each tick met first, and as the venue tells of them now (`late_fill`). Another
 * customer's orders are not there; nor are those that the venue was made to forget, though their trades are.
 */
export class Customer {
  constructor(
    readonly exchange: Exchange,
    readonly account: Account,
  ) {}

  get key(): string {
    return this.account.accountKey;
  }

  /** By the venue's id. */
  order(orderId: number): Order | undefined {
    return this.told(this.exchange.state.order(orderId));
  }

  /** The latest under a client order id: most venues ask uniqueness among open orders only. */
  orderByClientId(clientOrderId: string): Order | undefined {
    return this.ordersByClientId(clientOrderId).at(-1);
  }

  /** All under a client order id, oldest first. */
  ordersByClientId(clientOrderId: string): readonly Order[] {
    return this.exchange.state.ordersByClientId(this.key, clientOrderId).flatMap((order) => this.told(order) ?? []);
  }

  /** Oldest first: every open one, and of the closed the latest. */
  orders(): readonly Order[] {
    this.exchange.settleAll();
    return this.exchange.state.ordersOf(this.key).flatMap((order) => this.told(order) ?? []);
  }

  openOrders(): readonly Order[] {
    return this.exchange.openOrders(this.key).flatMap((order) => this.told(order) ?? []);
  }

  closedOrders(): readonly Order[] {
    return this.orders().filter((order) => !isOpen(order));
  }

  /** Of one order, or all that are in memory; oldest first. */
  trades(of: { readonly orderId?: number | undefined } = {}): readonly Trade[] {
    const { state } = this.exchange;
    this.exchange.settleAll();
    const one = of.orderId === undefined ? undefined : state.order(of.orderId);
    const orders = of.orderId === undefined ? state.ordersOf(this.key) : one === undefined ? [] : [one];
    const now = this.exchange.now();
    return orders
      .filter(({ accountKey, fillsShownFrom = 0 }) => accountKey === this.key && fillsShownFrom <= now)
      .flatMap((order) => order.fills.map((fill) => ({ order, fill })))
      .sort((a, b) => a.fill.tradeId - b.fill.tradeId);
  }

  private told(order: Order | undefined): Order | undefined {
    if (order?.accountKey !== this.key || this.exchange.isForgotten(order)) return undefined;
    const instrument = this.exchange.instrument(order.symbol);
    if (instrument !== undefined) this.exchange.settle(instrument);
    return asToldAt(this.exchange.state.order(order.orderId) ?? order, this.exchange.now());
  }
}
