import { describe, expect, it } from '@jest/globals';
import { Faults } from '../core/fault.js';
import { outletTo } from './outlet.js';

describe('what is said on a stream', () => {
  it('is kept for nobody who is too far behind: he is cut off', () => {
    const sent: string[] = [];
    const state = { behind: 0, cut: false };
    const socket = {
      readyState: 1,
      get bufferedAmount() {
        return state.behind;
      },
      send: (text: string) => {
        sent.push(text);
      },
      terminate: () => {
        state.cut = true;
      },
    };
    const say = outletTo(socket, { path: '/ws', faults: new Faults(), onFault: () => undefined, mostBuffered: 1_000 });
    say('one', 'change');
    state.behind = 1_000;
    say('two', 'change');
    expect([sent, state.cut]).toEqual([['one', 'two'], false]);
    state.behind = 1_001;
    say('three', 'anything');
    expect([sent, state.cut]).toEqual([['one', 'two'], true]);
  });
});
