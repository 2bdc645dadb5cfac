import { ZERO, decimal, plain, type Decimal } from '@switchyard/money';
import { childrenByClientId } from './children.js';
import type { AuditFact, Evidence, VenueRow } from './evidence.js';
import type { Violation } from './violation.js';

/** What the venues did more often, or more of, than was approved. */
export const doublesOf = ({ audit, ledger }: Evidence): readonly Violation[] => [
  ...sentTwice(ledger),
  ...overfilled(audit, ledger),
];

/** Two rows that were not refused, under one client order id, whatever the venues. */
const sentTwice = (ledger: readonly VenueRow[]): readonly Violation[] => {
  const taken = Map.groupBy(
    ledger.filter(({ refusedWith }) => refusedWith === null),
    ({ clientOrderId }) => clientOrderId,
  );
  return [...taken].flatMap(([clientOrderId, rows]): readonly Violation[] => {
    if (rows.length < 2) return [];
    const sent = rows
      .map(({ venue, receivedAt, venueOrderId }) => `${venue} ${venueOrderId ?? '?'} at ${receivedAt}`)
      .join(', ');
    return [
      {
        rule: 'doubled',
        about: clientOrderId,
        sentence: `${clientOrderId} was taken ${rows.length} times: ${sent}`,
      },
    ];
  });
};

/** More was traded for a parent than was approved, or for a child than was routed. */
const overfilled = (audit: readonly AuditFact[], ledger: readonly VenueRow[]): readonly Violation[] => {
  const children = childrenByClientId(audit);
  const approved = new Map(
    audit.flatMap(({ topic, said }): readonly (readonly [string, string])[] =>
      topic === 'OrderApproved' && said.parentOrderId !== undefined && said.quantity !== undefined
        ? [[said.parentOrderId, said.quantity]]
        : [],
    ),
  );
  const traded = new Map<string, { readonly limit: string | undefined; quantity: Decimal }>();
  const add = (name: string, limit: string | undefined, quantity: Decimal): void => {
    const sum = traded.get(name) ?? { limit, quantity: ZERO };
    sum.quantity = sum.quantity.plus(quantity);
    traded.set(name, sum);
  };
  for (const { clientOrderId, fills } of ledger) {
    const child = children.get(clientOrderId);
    if (child === undefined) continue;
    const quantity = fills.reduce((sum, fill) => sum.plus(decimal(fill.quantity)), ZERO);
    add(`order ${child.orderId}`, child.quantity, quantity);
    add(`parent order ${child.parentOrderId}`, approved.get(child.parentOrderId), quantity);
  }
  return [...traded].flatMap(([name, { limit, quantity }]): readonly Violation[] => {
    if (limit !== undefined && quantity.lte(decimal(limit))) return [];
    if (limit === undefined && quantity.eq(ZERO)) return [];
    return [
      {
        rule: 'doubled',
        about: name,
        sentence: `${name}: the venues traded ${plain(quantity)}, and ${limit ?? 'nothing'} was approved`,
      },
    ];
  });
};
