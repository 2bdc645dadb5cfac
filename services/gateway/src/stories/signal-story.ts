import { typeOfTopic, type EventOf, type EventType } from '@switchyard/contracts';
import { payloadOf, type AuditRecord } from '../journal/audit-record.js';

export interface RefusalView {
  readonly stage: string;
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Why an exit waits, and since when. */
export interface HeldView {
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly since: string;
}

/** A signal as REST shows it: what was sent, and what became of it. */
export interface SignalView {
  readonly signalId: string;
  readonly userId: string;
  readonly status: 'accepted' | 'rejected' | 'working' | 'done';
  /** The parent order, then its children as they were routed. */
  readonly orderIds: readonly string[];
  readonly refusals: readonly RefusalView[];
  /** While an exit waits until it is known what its entry bought. */
  readonly held?: HeldView;
  readonly [field: string]: unknown;
}

/**
 * What became of a signal, from its audit rows in any order. A refusal of a second signal with the same id (`SIGNAL_ID_REUSED`) is
 * shown but leaves the first alone; routing's failure of the parent is a refusal too, told before the signal is done. Why orders failed at
 * their venues is a refusal of the signal once it is done and not all was filled: until then another venue may take its place.
 */
export const signalStory = (signalId: string, userId: string, records: readonly AuditRecord[]): SignalView => {
  const story = new Story();
  for (const record of oldestFirst(records)) {
    const type = typeOfTopic(record.topic);
    const payload = payloadOf(record);
    if (type === undefined || typeof payload !== 'object' || payload === null) continue;
    (TOLD[type] as ((story: Story, event: unknown) => void) | undefined)?.(story, payload);
  }
  const { sent, status, orderIds, refusals, held } = story;
  return { ...sent, signalId, userId, status, orderIds, refusals, ...(held === undefined ? {} : { held }) };
};

class Story {
  sent: Readonly<Record<string, unknown>> | undefined;
  readonly parents = new Set<string>();
  /** Child order to when it was routed. */
  readonly children = new Map<string, string>();
  readonly refused: RefusalView[] = [];
  readonly failedAtVenues: RefusalView[] = [];
  waits: HeldView | undefined;
  rejected = false;
  done = false;
  filled = false;

  get status(): SignalView['status'] {
    if (this.done) return 'done';
    if (this.parents.size > 0) return 'working';
    return this.rejected ? 'rejected' : 'accepted';
  }

  get held(): HeldView | undefined {
    return this.status === 'accepted' ? this.waits : undefined;
  }

  get refusals(): readonly RefusalView[] {
    return this.done && !this.filled ? [...this.refused, ...this.failedAtVenues] : this.refused;
  }

  get orderIds(): readonly string[] {
    const routed = [...this.children].sort(([, a], [, b]) => (a < b ? -1 : 1)).map(([orderId]) => orderId);
    return [...this.parents, ...routed];
  }
}

const TOLD: { readonly [T in EventType]?: (story: Story, event: EventOf<T>) => void } = {
  TradingSignalGenerated: (story, signal) => {
    story.sent ??= Object.fromEntries(Object.entries(signal).filter(([field]) => field !== 'defaulted'));
  },
  SignalRejected: (story, { stage, code, message, facts }) => {
    story.refused.push({ stage, code, message, facts });
    story.rejected ||= code !== 'SIGNAL_ID_REUSED';
  },
  SignalHeld: (story, { code, message, facts, heldAt }) => {
    story.waits = { code, message, facts, since: story.waits?.since ?? heldAt };
  },
  OrderApproved: (story, { parentOrderId }) => {
    story.parents.add(parentOrderId);
  },
  OrderRouted: (story, { orderId, routedAt }) => {
    story.children.set(orderId, routedAt);
  },
  OrderFailed: (story, { stage, code, message, facts }) => {
    (stage === 'routing' ? story.refused : story.failedAtVenues).push({ stage, code, message, facts });
  },
  OrderCompleted: (story, { status }) => {
    story.done = true;
    story.filled = status === 'filled';
  },
};

/** Rows of one chain are in order; a signal's dead letters may lie in another. */
const oldestFirst = (records: readonly AuditRecord[]): readonly AuditRecord[] =>
  [...records].sort((a, b) => a.recordedAt.getTime() - b.recordedAt.getTime() || a.chain - b.chain || a.row - b.row);
