import { isCompacted } from '@switchyard/contracts';
import { ORDER_TOPICS } from './children.js';
import type { AuditFact, Evidence, OfferedSignal, Repeat } from './evidence.js';
import type { Violation } from './violation.js';

/** What the trail promises of order: numbers, versions, and each user's signals one after the other. */
export const orderOf = ({ offered, audit, repeats }: Evidence): readonly Violation[] => [
  ...numbers(audit, repeats),
  ...versions(audit),
  ...usersSignals(offered, audit),
];

/**
 * A source's numbers rise by one in each topic and partition, from 1, and none comes twice. Left out may be what the trail says was another
 * copy of a row that it has. Compacted topics promise no such thing.
 */
const numbers = (audit: readonly AuditFact[], repeats: readonly Repeat[]): readonly Violation[] => {
  const dropped = new Set(
    repeats.map(({ topic, chain, source, sequence }) => `${source} on ${topic}/${chain} ${sequence}`),
  );
  const last = new Map<string, number>();
  const broken = new Map<string, Violation>();
  for (const { topic, chain, source, sequence, row } of audit) {
    if (source === undefined || isCompacted(topic)) continue;
    const stream = `${source} on ${topic}/${chain}`;
    const before = last.get(stream) ?? 0;
    // A hole is one violation, not one for each event behind it.
    last.set(stream, Math.max(before, sequence));
    let next = before + 1;
    while (next < sequence && dropped.has(`${stream} ${next}`)) next += 1;
    if (sequence !== next && !broken.has(stream))
      broken.set(stream, {
        rule: 'outOfOrder',
        about: stream,
        sentence: `${stream}: number ${sequence} follows ${next - 1} in row ${row}`,
      });
  }
  return [...broken.values()];
};

/** An order's versions are 1 to as many as there are, each once, rising within a topic. */
const versions = (audit: readonly AuditFact[]): readonly Violation[] => {
  const seen = new Map<string, { readonly versions: number[]; readonly lastOf: Map<string, number> }>();
  const broken = new Map<string, string>();
  for (const { topic, said } of audit) {
    const { orderId, orderVersion } = said;
    if (!ORDER_TOPICS.has(topic) || said.stage === 'routing' || orderId === undefined || orderVersion === undefined)
      continue;
    const order = seen.get(orderId) ?? { versions: [], lastOf: new Map<string, number>() };
    const before = order.lastOf.get(topic) ?? 0;
    if (orderVersion <= before) broken.set(orderId, `${topic} has version ${orderVersion} after ${before}`);
    order.lastOf.set(topic, orderVersion);
    order.versions.push(orderVersion);
    seen.set(orderId, order);
  }
  for (const [orderId, order] of seen) {
    const sorted = order.versions.sort((a, b) => a - b);
    if (!broken.has(orderId) && sorted.some((version, i) => version !== i + 1))
      broken.set(orderId, `its versions are ${sorted.join(', ')}`);
  }
  return [...broken].map(([orderId, what]) => ({
    rule: 'outOfOrder',
    about: orderId,
    sentence: `order ${orderId}: ${what}`,
  }));
};

/** Topics on which a user's signals must stand as they were sent: risk may hold an exit back, so what follows may not. */
const IN_ORDER = ['TradingSignalGenerated', 'SignalValidated'];

const usersSignals = (offered: readonly OfferedSignal[], audit: readonly AuditFact[]): readonly Violation[] => {
  const places = new Map(offered.map(({ signalId }, place) => [signalId, place]));
  const last = new Map<string, { readonly place: number; readonly signalId: string }>();
  const seen = new Set<string>();
  const broken: Violation[] = [];
  for (const { topic, userId, signalId } of audit) {
    if (userId === undefined || signalId === undefined || !IN_ORDER.includes(topic)) continue;
    const place = places.get(signalId);
    // A sender that got no answer sends again: what counts is the first time.
    if (place === undefined || seen.has(`${topic} ${signalId}`)) continue;
    seen.add(`${topic} ${signalId}`);
    const stream = `${userId} on ${topic}`;
    const before = last.get(stream);
    if (before !== undefined && before.place > place)
      broken.push({
        rule: 'outOfOrder',
        about: userId,
        sentence: `${stream}: ${signalId} stands behind ${before.signalId}, which was sent later`,
      });
    else last.set(stream, { place, signalId });
  }
  return broken;
};
