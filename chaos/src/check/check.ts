import { differencesOf } from './books.js';
import { doublesOf } from './doubles.js';
import { endingsOf } from './endings.js';
import type { Evidence } from './evidence.js';
import { sentAfterHalt } from './halts.js';
import { orderOf } from './order.js';
import { RULES, type Rule, type Violation } from './violation.js';

export interface Verdict {
  readonly accepted: number;
  readonly executed: number;
  readonly refused: number;
  /** Offered, and neither accepted nor refused when the load ended. */
  readonly unanswered: number;
  /** Why accepted signals were not traded, by code. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Violations by rule, those of none too. */
  readonly counts: Readonly<Record<Rule, number>>;
  readonly violations: readonly Violation[];
}

/** Judges a run that is over: a function of its evidence alone. */
export const check = (evidence: Evidence): Verdict => {
  const endings = endingsOf(evidence);
  const violations = [
    ...endings.violations,
    ...doublesOf(evidence),
    ...orderOf(evidence),
    ...differencesOf(evidence),
    ...sentAfterHalt(evidence),
    ...evidence.trail.map((sentence): Violation => ({ rule: 'auditBroken', about: 'audit', sentence })),
  ];
  const { accepted, executed, refused, reasons } = endings;
  return {
    accepted,
    executed,
    refused,
    unanswered: evidence.offered.filter(({ answer }) => answer === 'none').length,
    reasons,
    counts: Object.fromEntries(
      RULES.map((rule) => [rule, violations.filter((one) => one.rule === rule).length]),
    ) as Record<Rule, number>,
    violations,
  };
};
