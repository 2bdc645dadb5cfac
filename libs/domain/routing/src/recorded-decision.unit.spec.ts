import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Book } from '@switchyard/model';
import { replay, ROUTING_RULES, type ApprovedOrder, type RecordedDecision } from './index.js';

/**
 * What the audit trail holds of a split, as it was written on 2026-11-21: a tier, a venue cost, assumed fees, a history, USDT at its rate,
 * a preferred venue and one that does not list the pair. When this goes red and the change is meant, raise `ROUTING_RULES` and record anew.
 */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'recorded-decision.json'), 'utf8')) as {
  readonly order: ApprovedOrder;
  readonly decision: RecordedDecision;
  readonly books: Readonly<Record<string, Book>>;
};

describe('a decision of before', () => {
  it('comes out bit for bit under the rules that it was made by', () => {
    const { order, decision, books } = recorded;
    expect(decision.inputs.rules).toBe(ROUTING_RULES);
    const again = replay(order, decision, (hash) => books[hash]);
    expect(again.kind === 'differs' ? again.differences : []).toEqual([]);
    expect(again.kind).toBe('same');
    expect(decision.children!.length).toBeGreaterThan(1);
  });
});
