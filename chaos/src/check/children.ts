import type { AuditFact } from './evidence.js';

/** A child order: what one account was to trade at one venue. */
export interface Child {
  readonly orderId: string;
  readonly parentOrderId: string;
  readonly signalId: string | undefined;
  /** Where it was routed to. */
  readonly venue: string | undefined;
  /** Base currency, as it was routed. */
  readonly quantity: string | undefined;
}

const ROUTED = 'OrderRouted.';

/** Topics of the events of a child order: each carries its client order id. */
export const ORDER_TOPICS: ReadonlySet<string> = new Set([
  'OrderPlaced',
  'OrderFilled',
  'OrderFailed',
  'OrderCancelled',
  'OrderExpired',
  'OrderAmended',
]);

/** Child orders by the id under which the venue knows them. What was routed and of which nothing was told is not among them. */
export const childrenByClientId = (audit: readonly AuditFact[]): ReadonlyMap<string, Child> => {
  const routed = new Map<string, Pick<Child, 'venue' | 'quantity'>>();
  for (const { topic, said } of audit)
    if (topic.startsWith(ROUTED) && said.orderId !== undefined)
      routed.set(said.orderId, { venue: topic.slice(ROUTED.length), quantity: said.quantity });
  const children = new Map<string, Child>();
  for (const { topic, signalId, said } of audit) {
    const { orderId, parentOrderId, clientOrderId } = said;
    if (!ORDER_TOPICS.has(topic) || clientOrderId === undefined || orderId === undefined) continue;
    if (parentOrderId === undefined || children.has(clientOrderId)) continue;
    const { venue, quantity } = routed.get(orderId) ?? { venue: undefined, quantity: undefined };
    children.set(clientOrderId, { orderId, parentOrderId, signalId, venue, quantity });
  }
  return children;
};
