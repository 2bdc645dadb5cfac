import { describe, expect, it } from '@jest/globals';
import { Faults } from './fault.js';

const target = { path: '/api/v3/order', method: 'POST', accountKey: 'alice', clientOrderId: 'a1' };

describe('faults', () => {
  it('strike one a request, the first that was set; delays come on top', () => {
    const faults = new Faults();
    faults.arm({ fault: 'slow', ms: 20 });
    faults.arm({ fault: 'reset_after', count: 1 });
    faults.arm({ fault: 'http_500' });
    faults.arm({ fault: 'slow', ms: 5 });
    const strikes = [faults.strike(target), faults.strike(target)];
    expect(strikes.map(({ delayMs, fault }) => [delayMs, fault?.fault])).toEqual([
      [25, 'reset_after'],
      [25, 'http_500'],
    ]);
  });

  it('are gone when they struck as often as they were to, or are cleared', () => {
    const faults = new Faults();
    faults.arm({ fault: 'http_500', count: 2 });
    const struck = [1, 2, 3].map(() => faults.strike(target).fault?.fault);
    expect(struck).toEqual(['http_500', 'http_500', undefined]);
    faults.arm({ fault: 'down' });
    expect([faults.clear(), faults.any, faults.strike(target).fault]).toEqual([1, false, undefined]);
  });

  it.each([
    [{}, true],
    [{ path: '/api/v3/order' }, true],
    [{ path: '/api/v3/*' }, true],
    [{ path: '/api/v3' }, false],
    [{ method: 'GET' as const }, false],
    [{ accountKey: 'alice', clientOrderId: 'a1' }, true],
    [{ accountKey: 'bob' }, false],
    [{ clientOrderId: 'a2' }, false],
  ])('matched on %j strike alice’s order: %p', (match, strikes) => {
    const faults = new Faults();
    faults.arm({ fault: 'http_500', match });
    expect(faults.strike(target).fault !== undefined).toBe(strikes);
  });
});
