import type { Holding, VenueRow } from '../check/evidence.js';
import type { Deployment } from '../system/deployment.js';

/** What the venues say, all of them together. */
export const ledgersOf = async ({ venues }: Pick<Deployment, 'venues'>): Promise<readonly VenueRow[]> =>
  (await Promise.all([...venues.values()].map((door) => door.ledger()))).flat();

export const balancesAt = async ({ venues }: Pick<Deployment, 'venues'>): Promise<readonly Holding[]> =>
  (await Promise.all([...venues.values()].map((door) => door.balances()))).flat();
