import { GLOBAL_SCOPE } from '@switchyard/model';
import type { StoredReport, StoredState } from './stored-state.js';

/** Whether the executors keep a state, and what none of them can say yet. */
export interface Verification {
  /** Every executor keeps the state, nothing that it forbids is on its way, and what was to be cancelled is. */
  readonly verified: boolean;
  readonly executors: readonly ExecutorWord[];
  /** Executors that have not said that they keep it. */
  readonly missing: readonly string[];
}

export interface ExecutorWord extends StoredReport {
  readonly verified: boolean;
}

/** What executors said of this version. What one said of an earlier version counts as nothing. */
export const verificationOf = (
  state: Pick<StoredState, 'scope' | 'version' | 'cancelOpen'>,
  reports: readonly StoredReport[],
  venues: readonly string[],
): Verification => {
  if (state.version === 0) return { verified: true, executors: [], missing: [] };
  const executors = reports
    .filter(({ version }) => version === state.version)
    .map((report): ExecutorWord => ({
      ...report,
      verified: report.unresolved === 0 && (!state.cancelOpen || report.open === 0),
    }));
  const missing = concerned(state.scope, venues).filter((venue) => !executors.some((word) => word.venue === venue));
  return { verified: missing.length === 0 && executors.every(({ verified }) => verified), executors, missing };
};

/** The venues whose executors keep the state of a scope: a user may trade at any. */
export const concerned = (scope: string, venues: readonly string[]): readonly string[] =>
  scope === GLOBAL_SCOPE || scope.startsWith('user:') ? venues : [scope.slice('venue:'.length)];
