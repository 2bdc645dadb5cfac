import type { VenueCapabilities } from '../capabilities.js';
import type { TimeInForce } from '../orders.js';

const limitOrders =
  (timeInForce: TimeInForce) =>
  ({ orderTypes }: VenueCapabilities): boolean =>
    orderTypes.limit?.includes(timeInForce) ?? false;

/** What a rule may need of a venue: its capability table decides. A case whose need is not met is left out. */
export const NEEDS = {
  immediateOrCancel: limitOrders('ioc'),
  fillOrKill: limitOrders('fok'),
  goodTillDate: limitOrders('gtd'),
  postOnly: ({ postOnly }: VenueCapabilities) => postOnly.includes('limit'),
  quoteAlias: ({ quoteAliases }: VenueCapabilities) => Object.keys(quoteAliases).length > 0,
  amend: ({ amend }: VenueCapabilities) => amend,
  amendPostOnly: ({ amend, amendPostOnly, postOnly }: VenueCapabilities) =>
    amend && amendPostOnly !== false && postOnly.includes('limit'),
  minNotional: ({ leastQuantityOnly }: VenueCapabilities) => leastQuantityOnly !== true,
  /** Whether it is known what becomes of a second order under an id whose order is over. */
  knownIdReuse: ({ clientIdReuse }: VenueCapabilities) => clientIdReuse !== 'unproven',
  expiry: ({ enforcesExpiry }: VenueCapabilities) => enforcesExpiry,
} as const satisfies Readonly<Record<string, (able: VenueCapabilities) => boolean>>;

export type Need = keyof typeof NEEDS;
