import { describe, expect, it } from '@jest/globals';
import { markOf, marksIn } from './marks.js';
import { Violations } from './violations.js';

const [ann, bob] = [markOf(1), markOf(2)];

describe('what is not its owner’s', () => {
  it('shows wherever another’s mark stands beside or instead of the owner’s', () => {
    const violations = new Violations();
    violations.look('a', `{"userId":"${ann}","note":"${ann}"}`, ann);
    violations.look('b', 'nobody’s', ann);
    violations.look('c', `${bob} alone`);
    expect(violations.count).toBe(0);
    violations.look('d', `{"userId":"${ann}","note":"${bob}"}`, ann);
    violations.look('e', `{"note":"${bob}"}`, ann);
    violations.look('f', `${ann} and ${bob}`);
    expect(violations.all.map(({ where }) => where)).toEqual(['d', 'e', 'f']);
    expect(violations.looked).toBe(6);
  });

  it('shows where no mark stands: an id of the system belongs to whoever had it first', () => {
    const violations = new Violations();
    violations.lookAtDocument('OrderRouted', '{"orderId":"o-1","accountId":"a-1"}', ann);
    violations.lookAtDocument('OrderFilled', '{"orderId":"o-1","accountId":"a-1"}', ann);
    violations.lookAtDocument('OrderFilled', '{"orderId":"o-2","accountId":"a-2"}', bob);
    expect(violations.count).toBe(0);
    violations.lookAtDocument('OrderFilled', '{"orderId":"o-1","accountId":"a-2"}', bob);
    expect(violations.all).toMatchObject([{ owner: bob, found: [ann], text: 'orderId o-1' }]);
  });

  it('is counted beyond what is kept of it', () => {
    const violations = new Violations();
    for (let n = 0; n < 1_000; n += 1) violations.look('x', bob, ann);
    expect([violations.count, violations.all.length]).toEqual([1_000, 100]);
  });
});

describe('marks', () => {
  it('are of one user each, and found in any text', () => {
    expect(new Set(Array.from({ length: 10_000 }, (_, n) => markOf(n))).size).toBe(10_000);
    expect(marksIn(`${ann}-binance/${bob}:${ann}`)).toEqual(new Set([ann, bob]));
  });
});
