/**
 * Which rules a decision was made by; each names it among its inputs. Raised with every change after which a recorded decision comes out
 * otherwise (`recorded-decision.unit.spec.ts` goes red then): only so can what was decided by older rules be told from what was changed.
 */
export const ROUTING_RULES = 3;
