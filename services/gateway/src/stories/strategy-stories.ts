import type { AuditTrail } from '../journal/audit-trail.js';
import type { AuditRecord } from '../journal/audit-record.js';
import type { SignalAdmission } from '../signals/signal-admission.js';
import { strategySignalView, strategyStory, type CopyOutcomes, type StrategySignalView } from './strategy-story.js';

/** Finds strategies' own signals, and what became of their copies. For operators. */
export class StrategyStories {
  constructor(
    private readonly trail: Pick<AuditTrail, 'ofSignal' | 'outcomesOf'>,
    private readonly admission: Pick<SignalAdmission, 'identityOf'>,
  ) {}

  async find(signalId: string, strategyId: string): Promise<StrategySignalView | undefined> {
    const records = (await this.trail.ofSignal(signalId, undefined)).filter((record) => isOf(record, strategyId));
    if (records.length > 0) return this.view(signalId, strategyId, records);
    const identity = await this.admission.identityOf({ strategyId, signalId });
    return identity === undefined ? undefined : this.view(signalId, strategyId, []);
  }

  /** Of these rows of a signal's name, those of the strategy that used it last; undefined where no strategy did. */
  async among(signalId: string, records: readonly AuditRecord[]): Promise<StrategySignalView | undefined> {
    const strategyId = records.filter((record) => isOf(record, record.key)).at(-1)?.key;
    if (strategyId === undefined) return undefined;
    return this.view(
      signalId,
      strategyId,
      records.filter((record) => isOf(record, strategyId)),
    );
  }

  private async view(
    signalId: string,
    strategyId: string,
    records: readonly AuditRecord[],
  ): Promise<StrategySignalView> {
    const story = strategyStory(records);
    const ids = story.pages.flatMap((page) => page.copies.map((copy) => copy.signalId));
    let outcomes: CopyOutcomes = { waiting: ids.length, refused: 0, working: 0, done: 0 };
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const { refused, working, done } = await this.trail.outcomesOf(ids.slice(at, at + AT_ONCE));
      outcomes = {
        waiting: outcomes.waiting - refused - working - done,
        refused: outcomes.refused + refused,
        working: outcomes.working + working,
        done: outcomes.done + done,
      };
    }
    return strategySignalView(signalId, strategyId, story, outcomes);
  }
}

/** Ids asked about by one statement. */
const AT_ONCE = 5_000;

const TOPICS: ReadonlySet<string> = new Set(['TradingSignalGenerated', 'StrategySignalDecided']);
const isOf = ({ userId, topic, key }: AuditRecord, strategyId: string): boolean =>
  userId === undefined && key === strategyId && TOPICS.has(topic);
