import { describe, expect, it } from '@jest/globals';
import { parseSource, sourceName } from './source.js';

describe('the name of a source', () => {
  it('says deployment, shard and generation, and is read back', () => {
    const source = { deployment: 'execution-binance', shard: 7, generation: 2 };
    expect(sourceName(source)).toBe('execution-binance/7/2');
    expect(parseSource('execution-binance/7/2')).toEqual(source);
  });

  it.each(['', 'strategy', 'risk/7', 'risk/7/1/1', 'risk/x/1', 'risk/-1/1', 'Risk/7/1', 'https://example.com/7/1'])(
    'is no source of ours: %j',
    (name) => {
      expect(parseSource(name)).toBeUndefined();
    },
  );
});
