import { describe, expect, it } from '@jest/globals';
import { plain } from '@switchyard/money';
import { aMarket, aSnapshot, NOW } from './testing/signals.js';

const at = NOW.getTime();
const mid = (market: ReturnType<typeof aMarket>, nowMs = at): string | undefined => {
  const found = market.mid('BTC-USD', nowMs);
  return found && plain(found);
};

describe('the board of markets', () => {
  it('keeps the newest snapshot of a venue and pair, whatever order they come in', () => {
    const newer = aSnapshot({ version: 3, bids: [['70000', '1']], asks: [['70002', '1']] });
    expect(mid(aMarket(newer, aSnapshot({ version: 2 })))).toBe('70001');
    expect(mid(aMarket(aSnapshot({ version: 2 }), newer))).toBe('70001');
  });

  it('takes the median of the venues, so that one wrong book moves nobody', () => {
    const wrong = aSnapshot({ venue: 'okx', bids: [['1', '1']], asks: [['3', '1']] });
    const right = aSnapshot({ venue: 'kraken', bids: [['64000', '1']], asks: [['64002', '1']] });
    expect(mid(aMarket(aSnapshot(), wrong, right))).toBe('64000');
    expect(mid(aMarket(aSnapshot(), right))).toBe('64000.5');
  });

  it('knows no price once the book is old, but still lists the pair', () => {
    const market = aMarket();
    expect(mid(market, at + 9_899)).toBe('64000');
    expect(mid(market, at + 9_900)).toBeUndefined();
    expect(market.quotes('BTC-USD')).toHaveLength(1);
  });

  it('knows no mid of a one-sided book', () => {
    expect(mid(aMarket(aSnapshot({ asks: [] })))).toBeUndefined();
  });
});
