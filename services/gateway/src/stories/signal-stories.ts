import type { AuditTrail } from '../journal/audit-trail.js';
import type { SignalAdmission } from '../signals/signal-admission.js';
import { signalStory, type SignalView } from './signal-story.js';
import type { StrategyStories } from './strategy-stories.js';
import type { StrategySignalView } from './strategy-story.js';

/** Finds signals from the moment of their 202: by the journal, and until it has heard of one by what validation remembers of the id. */
export class SignalStories {
  constructor(
    private readonly trail: Pick<AuditTrail, 'ofSignal'>,
    private readonly admission: Pick<SignalAdmission, 'identityOf'>,
    private readonly strategies: Pick<StrategyStories, 'among'>,
  ) {}

  /** @param userId whose signal; undefined: anybody's, the caller's own first, then the latest user's, then a strategy's */
  async find(
    signalId: string,
    userId: string | undefined,
    callerId: string,
  ): Promise<SignalView | StrategySignalView | undefined> {
    const records = await this.trail.ofSignal(signalId, userId);
    const owners = new Set(records.flatMap((record) => record.userId ?? []));
    const owner = userId ?? (owners.has(callerId) ? callerId : [...owners].at(-1)) ?? callerId;
    const own = records.filter((record) => record.userId === owner);
    if (own.length > 0) return signalStory(signalId, owner, own);
    if (userId === undefined) {
      const ofStrategy = await this.strategies.among(signalId, records);
      if (ofStrategy !== undefined) return ofStrategy;
    }
    const identity = await this.admission.identityOf({ userId: owner, signalId });
    if (identity === undefined) return undefined;
    return signalStory(signalId, owner, []);
  }
}
