import { describe, it } from '@jest/globals';
import type { VenueCapabilities } from '../capabilities.js';
import { VENUES, type VenueName } from '../venues.js';
import { amending } from './amending.js';
import { asking } from './asking.js';
import { breaking } from './breaking.js';
import type { ContractCase } from './case.js';
import { finding } from './finding.js';
import { keeping } from './keeping.js';
import { NEEDS } from './needs.js';
import { placing } from './placing.js';
import { SIMULATED } from './simulated-venues.js';
import { simulatorWorld } from './simulator-world.js';
import type { ContractWorld, Lack } from './world.js';

export { SIMULATED } from './simulated-venues.js';
export { simulatorWorld, type SimulatedVenue } from './simulator-world.js';
export type { BookSides, ContractWorld, Fault, FaultTarget, Lack, LedgerOrder } from './world.js';

/** What every venue must pass, as a numbered matrix: each rule with its number. */
export const CASES: Readonly<Record<string, readonly ContractCase[]>> = {
  'placing (P)': placing,
  'amending (M)': amending,
  'finding and cancelling (F)': finding,
  'breaking (B)': breaking,
  'keeping apart and secret (K)': keeping,
  'asking the market (A)': asking,
};

/** A machine may be busy; only where a request is never answered is the wait for it kept short. */
const DEADLINE_MS = 10_000;
const SHORT_DEADLINE_MS = 400;

/**
 * Runs the matrix against one venue. `setup` is called for each case and gives a venue with an empty ledger, no faults, and the deadline it
 * is given (`transport: { deadlineMs }`). A case that needs what the venue cannot do is left out; so is one that the simulator cannot play
 * yet (`lacks`).
 */
export const venueContract = (
  name: string,
  capabilities: VenueCapabilities,
  setup: (deadlineMs: number) => Promise<ContractWorld>,
  { lacks = [] }: { readonly lacks?: readonly Lack[] } = {},
): void => {
  const isAsked = ({ needs, plays }: ContractCase): boolean =>
    (needs === undefined || NEEDS[needs](capabilities)) && (plays === undefined || !lacks.includes(plays));
  describe(`${name} passes the venue contract`, () => {
    for (const [group, cases] of Object.entries(CASES)) {
      describe(group, () => {
        it.each(cases.filter(isAsked).map((one) => [one.title, one] as const))('%s', async (_, { run, hangs }) => {
          const world = await setup(hangs === true ? SHORT_DEADLINE_MS : DEADLINE_MS);
          try {
            await run(world);
          } finally {
            await world.close();
          }
        });
      });
    }
  });
};

/** The whole matrix against a simulator of ours that speaks this venue's dialect. */
export const simulatorContract = (name: VenueName, url: () => string): void => {
  const { lacks } = SIMULATED[name];
  const setup = (deadlineMs: number): Promise<ContractWorld> => simulatorWorld(name, url(), deadlineMs);
  venueContract(`${name}, simulated`, VENUES[name].capabilities, setup, { lacks });
};
