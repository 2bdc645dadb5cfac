import { afterEach, beforeEach, describe } from '@jest/globals';
import { asking } from './asking.js';
import { breaking } from './breaking.js';
import { finding } from './finding.js';
import { keeping } from './keeping.js';
import { placing } from './placing.js';
import type { ContractWorld, Lack } from './world.js';

export { BINANCE_REQUESTS, simulatorWorld, type SimulatedVenue } from './simulator-world.js';
export type { BookSides, ContractWorld, Fault, FaultTarget, Lack, LedgerOrder } from './world.js';

/**
 * What every venue must pass, as a numbered matrix: P placing, F finding and cancelling, B breaking, K keeping apart and secret, A asking
 * the market. `setup` is called before each case and gives a venue with an empty ledger, no faults, and a deadline of at most a second
 * (`transport: { deadlineMs }`), for the faults that hang are waited out. `lacks` names what the
 * simulator cannot do yet: faults, order types; their cases are left out.
 */
export const venueContract = (
  name: string,
  setup: () => Promise<ContractWorld>,
  { lacks = [] }: { readonly lacks?: readonly Lack[] } = {},
): void => {
  describe(`${name} passes the venue contract`, () => {
    let world: ContractWorld | undefined;
    beforeEach(async () => {
      world = await setup();
    });
    afterEach(async () => {
      await world?.close();
    });
    const current = (): ContractWorld => {
      if (world === undefined) throw new Error('the world is set up before each case');
      return world;
    };
    placing(current, lacks);
    finding(current);
    breaking(current, lacks);
    keeping(current);
    asking(current);
  });
};
