import type { AuditFact, Evidence, OfferedSignal, VenueRow } from './evidence.js';
import { childrenByClientId, type Child } from './children.js';
import type { Violation } from './violation.js';

export interface Endings {
  readonly accepted: number;
  /** Accepted, and something of it was traded. */
  readonly executed: number;
  /** Accepted, ended, and nothing of it was traded. */
  readonly refused: number;
  /** Codes of those, and how often each was the reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

/** What became of each signal that was answered "accepted". */
export const endingsOf = ({ offered, copies, audit, ledger, inWork }: Evidence): Endings => {
  const told = Map.groupBy(audit, ({ signalId }) => signalId);
  const traded = tradedSignals(ledger, childrenByClientId(audit));
  const reasons = new Map<string, number>();
  const violations: Violation[] = [];
  let [accepted, executed, refused] = [0, 0, 0];
  for (const signal of [...offered, ...copies]) {
    const facts = (told.get(signal.signalId) ?? []).filter(({ userId }) => userId === signal.userId);
    violations.push(...contradictions(signal, facts));
    if (signal.answer !== 'accepted') continue;
    accepted += 1;
    if (!facts.some(isEnd)) {
      violations.push(withoutEnd(signal, facts, inWork.get(signal.signalId) ?? []));
      continue;
    }
    if (traded.has(signal.signalId)) executed += 1;
    else {
      refused += 1;
      const reason = reasonOf(facts);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  return { accepted, executed, refused, reasons: Object.fromEntries(reasons), violations };
};

/** A refusal of another signal with the same id leaves the first alone. */
const isRejection = ({ topic, said }: AuditFact): boolean =>
  topic === 'SignalRejected' && said.code !== 'SIGNAL_ID_REUSED';

const isEnd = (fact: AuditFact): boolean => fact.topic === 'OrderCompleted' || isRejection(fact);

const withoutEnd = (
  { signalId, userId }: OfferedSignal,
  facts: readonly AuditFact[],
  places: readonly string[],
): Violation => {
  const story = facts.map(({ topic, time }) => `${time} ${topic}`).join(', ');
  const heard = story === '' ? 'the trail has nothing of it' : `the trail has: ${story}`;
  return places.length === 0
    ? { rule: 'lost', about: signalId, sentence: `${signalId} of ${userId} was accepted, and nobody has it; ${heard}` }
    : {
        rule: 'stuck',
        about: signalId,
        sentence: `${signalId} of ${userId} has not ended; it is in ${places.join('; ')}; ${heard}`,
      };
};

/** One signal is decided once, and ends once. */
const contradictions = ({ signalId }: OfferedSignal, facts: readonly AuditFact[]): readonly Violation[] => {
  const approvals = new Set(
    facts.flatMap(({ topic, said }) => (topic === 'OrderApproved' ? [said.parentOrderId ?? ''] : [])),
  );
  const completions = new Set(facts.flatMap(({ topic, eventId }) => (topic === 'OrderCompleted' ? [eventId] : [])));
  const rejections = new Set(facts.filter(isRejection).map(({ eventId }) => eventId));
  const found = [
    ...(approvals.size > 1 ? [`it was approved as ${[...approvals].join(' and ')}`] : []),
    ...(completions.size > 1 ? [`its order was completed ${completions.size} times`] : []),
    ...(rejections.size > 1 ? [`it was rejected ${rejections.size} times`] : []),
    ...(rejections.size > 0 && approvals.size > 0 ? ['it was rejected and approved'] : []),
  ];
  return found.map((what) => ({ rule: 'doubled', about: signalId, sentence: `${signalId}: ${what}` }));
};

const tradedSignals = (ledger: readonly VenueRow[], children: ReadonlyMap<string, Child>): ReadonlySet<string> =>
  new Set(
    ledger.flatMap(({ clientOrderId, fills }) => {
      const signalId = fills.length > 0 ? children.get(clientOrderId)?.signalId : undefined;
      return signalId === undefined ? [] : [signalId];
    }),
  );

const reasonOf = (facts: readonly AuditFact[]): string => {
  const rejection = facts.find(isRejection)?.said.code;
  const failure = facts.findLast(({ topic }) => topic === 'OrderFailed')?.said.code;
  const ending = facts.find(({ topic }) => topic === 'OrderCompleted')?.said.status;
  return rejection ?? failure ?? ending ?? 'UNKNOWN';
};
