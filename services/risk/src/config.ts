import { fractionalNumber, milliseconds, wholeNumber } from '@switchyard/config';
import { DEFAULT_SETTINGS as STANDARD } from '@switchyard/risk-domain';
import { z } from 'zod';
import { sectorsOf, sectorsSection } from './sectors.js';

/** Environment of risk, beside what every process has. A user's limits stand in the user's policy. */
export const riskConfig = z
  .object({
    /** Oldest book that an entry is sized by, milliseconds. */
    SWITCHYARD_MARKET_FRESH_MS: milliseconds().default(10_000),
    /** How far beyond the touch a market order may trade, percent; reserved with it. */
    SWITCHYARD_RISK_MARKET_COLLAR_PERCENT: fractionalNumber({ max: 50 }).default(STANDARD.marketCollarPercent),
    /** Most orders of a user under way at once. */
    SWITCHYARD_RISK_MAX_OPEN_PARENTS: wholeNumber({ min: 1, max: 10_000 }).default(STANDARD.maxOpenParents),
    /** Most exits of a user that wait for their entries. */
    SWITCHYARD_RISK_MAX_HELD_EXITS: wholeNumber({ min: 1, max: 1_000 }).default(STANDARD.maxHeldExits),
    /** An entry that was neither approved nor filled for so long rests: an exit waits for it only where there is nothing to close. */
    SWITCHYARD_RISK_ENTRY_RESTS_AFTER_MS: milliseconds().default(STANDARD.entryRestsAfterMs),
    /** How many finished orders of a user are remembered for repeated events. */
    SWITCHYARD_RISK_REMEMBERED_PARENTS: wholeNumber({ min: 1, max: 1_000 }).default(STANDARD.rememberedParents),
    /** Hours after which a return counts half in the volatility that orders may be sized by. */
    SWITCHYARD_RISK_VOLATILITY_HALF_LIFE_H: fractionalNumber({ min: 0.1, max: 8_760 }).default(24),
    /** A section of the file that `SWITCHYARD_CONFIG` names, instead of the sectors that risk comes with: `{<sector>: {assets: [BTC], maxPercent}}`. */
    sectors: sectorsSection,
  })
  .transform((env) => ({
    marketFreshMs: env.SWITCHYARD_MARKET_FRESH_MS,
    settings: {
      marketCollarPercent: env.SWITCHYARD_RISK_MARKET_COLLAR_PERCENT,
      maxOpenParents: env.SWITCHYARD_RISK_MAX_OPEN_PARENTS,
      maxHeldExits: env.SWITCHYARD_RISK_MAX_HELD_EXITS,
      entryRestsAfterMs: env.SWITCHYARD_RISK_ENTRY_RESTS_AFTER_MS,
      rememberedParents: env.SWITCHYARD_RISK_REMEMBERED_PARENTS,
      sectors: sectorsOf(env.sectors),
    },
    volatilityHalfLifeMinutes: env.SWITCHYARD_RISK_VOLATILITY_HALF_LIFE_H * 60,
  }));

export type RiskConfig = Readonly<z.infer<typeof riskConfig>>;

/** What prices and their movements are kept by. */
export const pricesOf = ({ marketFreshMs, volatilityHalfLifeMinutes }: RiskConfig) => ({
  freshMs: marketFreshMs,
  halfLifeMinutes: volatilityHalfLifeMinutes,
});
