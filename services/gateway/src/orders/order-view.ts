import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';

/** A row of `journal.api_orders`. */
export interface OrderColumns {
  readonly order_id: string;
  readonly parent_order_id: string;
  readonly signal_id: string;
  readonly user_id: string;
  readonly account_id: string | null;
  readonly venue: string | null;
  readonly pair: string | null;
  readonly venue_symbol: string | null;
  readonly side: string | null;
  readonly signal_type: string | null;
  readonly order_type: string | null;
  readonly quantity: string | null;
  readonly limit_price: string | null;
  readonly time_in_force: string | null;
  readonly client_order_id: string | null;
  readonly venue_order_id: string | null;
  readonly order_version: number;
  readonly placed_at: Date | null;
  readonly mode: string | null;
  readonly dry_run: boolean | null;
  readonly status: string;
  readonly filled_quantity: string;
  readonly average_price: string | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** What a child's fills add up to, in one fee currency. */
export interface FillSum {
  readonly order_id: string;
  readonly fee_currency: string;
  readonly fee: string;
  readonly quantity: string;
  readonly cost: string;
}

/** An order as REST shows it: the fields of `OrderPlaced`, what became of it and, for a parent, its children. Absent is left out. */
export interface OrderView {
  readonly orderId: string;
  readonly parentOrderId: string;
  readonly signalId: string;
  readonly userId: string;
  readonly status: string;
  readonly filledQuantity: string;
  readonly averagePrice?: string;
  readonly fees: Readonly<Record<string, string>>;
  readonly children: readonly OrderView[];
  readonly [field: string]: unknown;
}

/**
 * Averages and fees come from the fills. A parent that is still at work shows what its children have filled so far.
 */
export const orderView = (
  order: OrderColumns,
  children: readonly OrderColumns[],
  sums: ReadonlyMap<string, readonly FillSum[]>,
): OrderView => {
  const own = [order, ...children].flatMap(({ order_id }) => sums.get(order_id) ?? []);
  const filled = add(own.map(({ quantity }) => quantity));
  const stored = decimal(order.filled_quantity);
  const average = order.average_price ?? averageOf(own, filled);
  return {
    orderId: order.order_id,
    parentOrderId: order.parent_order_id,
    signalId: order.signal_id,
    userId: order.user_id,
    ...present({
      accountId: order.account_id,
      venue: order.venue,
      pair: order.pair,
      venueSymbol: order.venue_symbol,
      side: order.side,
      signalType: order.signal_type,
      orderType: order.order_type,
      quantity: order.quantity,
      limitPrice: order.limit_price,
      timeInForce: order.time_in_force,
      clientOrderId: order.client_order_id,
      venueOrderId: order.venue_order_id,
      orderVersion: order.order_version,
      placedAt: order.placed_at?.toISOString(),
      mode: order.mode,
      dryRun: order.dry_run,
      averagePrice: average,
      code: order.code,
      message: order.message,
      createdAt: order.created_at.toISOString(),
      endedAt: order.ended_at?.toISOString(),
    }),
    status: order.status,
    filledQuantity: plain(filled.gt(stored) ? filled : stored),
    fees: feesOf(own),
    children: children.map((child) => orderView(child, [], sums)),
  };
};

/** Without what is null or undefined. */
export const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

const add = (amounts: readonly string[]): Decimal => amounts.reduce((sum, amount) => sum.plus(decimal(amount)), ZERO);

/** Volume-weighted, to 12 places. */
const averageOf = (sums: readonly FillSum[], filled: Decimal): string | undefined =>
  filled.gt(ZERO)
    ? plain(
        add(sums.map(({ cost }) => cost))
          .div(filled)
          .round(12),
      )
    : undefined;

const feesOf = (sums: readonly FillSum[]): Readonly<Record<string, string>> => {
  const fees = new Map<string, Decimal>();
  for (const { fee_currency, fee } of sums) fees.set(fee_currency, (fees.get(fee_currency) ?? ZERO).plus(decimal(fee)));
  return Object.fromEntries([...fees].map(([currency, fee]) => [currency, plain(fee)]));
};
