import { DEFAULT_SECTORS, type Sectors } from './sectors.js';

/** Limits of the deployment, beside the user's own. */
export interface RiskSettings {
  /** How far beyond the touch a market order may trade, percent; reserved with the order. Default 1. */
  readonly marketCollarPercent: number;
  /** Most parents of a user under way at once; a further entry is refused. Bounds the document. Default 500. */
  readonly maxOpenParents: number;
  /** Most exits that wait for their entries. Default 50. */
  readonly maxHeldExits: number;
  /** An entry that was neither approved nor filled for so long rests in a book. Milliseconds. Default 5 s. */
  readonly entryRestsAfterMs: number;
  /** How many finished parents are remembered for repeated events. Default 8. */
  readonly rememberedParents: number;
  /** Which asset belongs to which sector. */
  readonly sectors: Sectors;
}

export const DEFAULT_SETTINGS: RiskSettings = {
  marketCollarPercent: 1,
  maxOpenParents: 500,
  maxHeldExits: 50,
  entryRestsAfterMs: 5_000,
  rememberedParents: 8,
  sectors: DEFAULT_SECTORS,
};
