import type { Need } from './needs.js';
import type { ContractWorld, Lack } from './world.js';

/** One rule that every venue keeps. */
export interface ContractCase {
  /** Its number and the rule: `P1 a market order takes ...`. A number is given once. */
  readonly title: string;
  /** What a venue must be able to do for the rule to mean anything there; that others refuse it unsent is rule P10. */
  readonly needs?: Need;
  /** What the simulator must be able to play. */
  readonly plays?: Lack;
  /** Whether a request of it is never answered: then the world's deadline is short, so that it is waited out. */
  readonly hangs?: boolean;
  readonly run: (world: ContractWorld) => Promise<void>;
}
