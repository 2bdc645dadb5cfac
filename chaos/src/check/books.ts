import { ZERO, decimal, plain, type Decimal } from '@switchyard/money';
import { childrenByClientId } from './children.js';
import type { AuditFact, Books, Evidence, Execution, Holding, ShownPosition, VenueRow } from './evidence.js';
import type { Violation } from './violation.js';

/** Where our books and the venue's say different things. */
export const differencesOf = ({ audit, ledger, books, venueBalances }: Evidence): readonly Violation[] => [
  ...fills(ledger, books.executions),
  ...orders(audit, ledger, books),
  ...amounts('reconciliation holds', books.held, bought(ledger)),
  ...amounts('the balance shown', books.balances, venueBalances),
  ...amounts('risk counts on', books.countedOn, venueBalances),
  ...reservations(audit, books),
  ...positions(books.positions, ledger),
];

/** The currency that an instrument of a venue is in, by its symbol there, of those that the load trades: `BTCUSDT`, `BTC/USD`, `XXBTZUSD`. */
export const baseOfSymbol = (venueSymbol: string): string => {
  const [, base = venueSymbol] = /^X?(XBT|BTC|ETH|LTC)/.exec(venueSymbol) ?? [];
  return base === 'XBT' ? 'BTC' : base;
};

const differs = (about: string, sentence: string): Violation => ({ rule: 'booksDiffer', about, sentence });

const number = (text: string): string => plain(decimal(text));

const fillName = ({
  venue,
  accountKey,
  clientOrderId,
  tradeId,
  quantity,
  price,
  fee,
  feeCurrency,
}: Execution): string =>
  `trade ${tradeId} at ${venue} of ${clientOrderId} in ${accountKey}: ${number(quantity)} at ${number(price)}, fee ${number(fee)} ${feeCurrency}`;

/** Every fill of the venue once, as it was, and no other. */
const fills = (ledger: readonly VenueRow[], executions: readonly Execution[]): readonly Violation[] => {
  const atVenue = ledger.flatMap(({ venue, accountKey, clientOrderId, fills: some }) =>
    some.map((fill) => fillName({ venue, accountKey, clientOrderId, ...fill })),
  );
  const ours = executions.map(fillName);
  const known = new Set(ours);
  const theirs = new Set(atVenue);
  return [
    ...atVenue.filter((fill) => !known.has(fill)).map((fill) => differs(fill, `our books lack ${fill}`)),
    ...ours.filter((fill) => !theirs.has(fill)).map((fill) => differs(fill, `the venue has no ${fill}`)),
    ...(ours.length > known.size
      ? [differs('executions', `${ours.length - known.size} fills are in our books twice`)]
      : []),
  ];
};

const FINAL: ReadonlySet<string> = new Set(['filled', 'cancelled', 'rejected', 'expired', 'failed']);

/** Orders at the venue are ours, and ended there where they ended here. */
const orders = (audit: readonly AuditFact[], ledger: readonly VenueRow[], books: Books): readonly Violation[] => {
  const children = childrenByClientId(audit);
  const shown = new Map(books.orders.map((order) => [order.orderId, order]));
  return ledger.flatMap(({ venue, clientOrderId, status, refusedWith, fills: some }): readonly Violation[] => {
    if (refusedWith !== null) return [];
    const child = children.get(clientOrderId);
    const order = child === undefined ? undefined : shown.get(child.orderId);
    if (order === undefined)
      return [differs(clientOrderId, `${venue} has ${clientOrderId} (${status}), and nobody here knows it`)];
    const traded = some.reduce((sum, { quantity }) => sum.plus(decimal(quantity)), ZERO);
    return [
      ...(child?.venue === venue
        ? []
        : [
            differs(
              order.orderId,
              `order ${order.orderId} is at ${venue}, and was routed to ${child?.venue ?? 'no venue'}`,
            ),
          ]),
      ...(traded.eq(decimal(order.filledQuantity))
        ? []
        : [
            differs(
              order.orderId,
              `order ${order.orderId} is ${order.status} with ${number(order.filledQuantity)} filled, and the venue filled ${plain(traded)}`,
            ),
          ]),
      ...(FINAL.has(order.status) === OVER.has(status)
        ? []
        : [differs(order.orderId, `order ${order.orderId} is ${order.status} here and ${status} at the venue`)]),
    ];
  });
};

/** The ledger's words for an order that nothing can happen to any more. */
const OVER: ReadonlySet<string> = new Set(['filled', 'cancelled', 'expired', 'rejected']);

/** What each account holds of each base currency by its fills: bought, less sold, less fees charged in it. */
export const bought = (ledger: readonly VenueRow[]): readonly Holding[] => {
  const held = new Map<string, Map<string, Decimal>>();
  for (const { accountKey, venueSymbol, side, fills: some } of ledger) {
    const currency = baseOfSymbol(venueSymbol);
    const account = held.get(accountKey) ?? new Map<string, Decimal>();
    held.set(accountKey, account);
    for (const { quantity, fee, feeCurrency } of some) {
      const signed = side === 'buy' ? decimal(quantity) : ZERO.minus(decimal(quantity));
      const net = feeCurrency === currency ? signed.minus(decimal(fee)) : signed;
      account.set(currency, (account.get(currency) ?? ZERO).plus(net));
    }
  }
  return [...held].flatMap(([accountKey, account]) =>
    [...account].map(([currency, quantity]) => ({ accountKey, currency, quantity: plain(quantity) })),
  );
};

const placeOf = ({ accountKey, currency }: Holding): string => `${accountKey} ${currency}`;

/** The same amounts of the same currencies in the same accounts; none is zero. */
const amounts = (what: string, ours: readonly Holding[], venues: readonly Holding[]): readonly Violation[] => {
  const [here, there] = [ours, venues].map(
    (holdings) => new Map(holdings.map((holding) => [placeOf(holding), decimal(holding.quantity)])),
  );
  return [...new Set([...(here?.keys() ?? []), ...(there?.keys() ?? [])])].sort().flatMap((place) => {
    const [mine, theirs] = [here?.get(place) ?? ZERO, there?.get(place) ?? ZERO];
    return mine.eq(theirs) ? [] : [differs(place, `${place}: ${what} ${plain(mine)}, the venue says ${plain(theirs)}`)];
  });
};

/** An order that is over holds nothing back. What has not ended is stuck or lost, which is said of its signal. */
const reservations = (audit: readonly AuditFact[], { reserved }: Books): readonly Violation[] => {
  const over = new Set(audit.flatMap(({ topic, said }) => (topic === 'OrderCompleted' ? [said.parentOrderId] : [])));
  return reserved.flatMap(({ userId, parentOrderId }) =>
    over.has(parentOrderId)
      ? [differs(parentOrderId, `${userId}: risk still reserves for ${parentOrderId}, which is over`)]
      : [],
  );
};

/**
 * What is held is the open position, older dust included; or the dust that the last one left. Where no position was ever open, less was
 * bought than makes one: reconciliation's books are compared beside this, to the last place.
 */
const positions = (shown: readonly ShownPosition[], ledger: readonly VenueRow[]): readonly Violation[] => {
  const atVenue = new Map(bought(ledger).map((holding) => [placeOf(holding), decimal(holding.quantity)]));
  const byPlace = Map.groupBy(shown, ({ accountKey, base }) => `${accountKey} ${base}`);
  return [...byPlace].flatMap(([place, some]): readonly Violation[] => {
    const open = some.filter(({ status }) => status === 'open');
    if (open.length > 1) return [differs(place, `${place}: ${open.length} positions are open at once`)];
    const last = [...some].sort((one, other) => (one.openedAt < other.openedAt ? -1 : 1)).at(-1);
    const ours = decimal(open[0]?.quantity ?? last?.dust ?? '0');
    const venues = atVenue.get(place) ?? ZERO;
    if (ours.eq(venues)) return [];
    const what = open.length === 1 ? 'the open position' : 'what the last position left';
    return [differs(place, `${place}: ${what} is ${plain(ours)}, the venue has ${plain(venues)}`)];
  });
};
