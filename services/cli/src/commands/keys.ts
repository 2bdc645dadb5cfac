import type { Body } from '../api.js';
import type { Answer, Command, Context } from '../command.js';
import { EXIT, Failure } from '../failure.js';
import { card } from '../table.js';

const AT_ONCE = 100;

/** What seals users' API keys. */
export const KEYS: readonly Command[] = [
  {
    name: 'keys status',
    usage: '',
    summary: 'Which key-encryption key seals now, and how many data keys another one sealed.',
    arity: [0, 0],
    as: 'admin',
    run: async ({ api }) => {
      const figures = await api.get('/v1/keys');
      return { json: figures, text: card(figures) };
    },
  },
  {
    name: 'keys rewrap',
    usage: '',
    summary: 'Seal every data key under the current key-encryption key.',
    details: `Do this after a new key-encryption key was put in front (new,old), or Vault's transit key was rotated; everybody trades on.
When it ends well, the old one can be taken away. Broken off, it is run again: what was done stays done.`,
    arity: [0, 0],
    as: 'admin',
    run: async ({ api }) => {
      let [rewrapped, unreadable, after]: [number, readonly unknown[], unknown] = [0, [], ''];
      let current: unknown;
      while (after !== undefined) {
        const round: Body = await api.send('POST', '/v1/keys/rewrap', { after, limit: AT_ONCE });
        rewrapped += Number(round['rewrapped']);
        unreadable = [...unreadable, ...(round['unreadable'] as readonly unknown[])];
        ({ current, next: after } = round);
      }
      return answerOf({ current, rewrapped, unreadable });
    },
  },
  {
    name: 'keys rotate',
    usage: '',
    summary: 'Give users new data keys, and seal their API keys under them.',
    details: `Everybody trades on; the API keys themselves stay (accounts rotate changes those). Broken off, it is run again with the same
--made-before, and goes on with the users that are left.`,
    arity: [0, 0],
    as: 'admin',
    options: {
      user: { type: 'string', hint: 'ID', help: 'Of this user alone.' },
      'made-before': {
        type: 'string',
        hint: 'TIME',
        help: 'Data keys made before this instant (RFC 3339). Default now: all.',
      },
    },
    run: async (context, given) => {
      const userId = given.text('user');
      const before = given.text('made-before');
      if (userId !== undefined && before !== undefined)
        throw new Failure(EXIT.usage, '--user or --made-before, not both.');
      return userId === undefined
        ? rotateAll(context, before ?? new Date().toISOString())
        : answerOf(await context.api.send('POST', '/v1/keys/rotate', { userId }));
    },
  },
];

const rotateAll = async ({ api }: Context, madeBefore: string): Promise<Answer> => {
  let rotated = 0;
  for (;;) {
    const round = await api.send('POST', '/v1/keys/rotate', { madeBefore, limit: AT_ONCE });
    rotated += Number(round['rotated']);
    // What does not open is left and comes again: a round of nothing else is the last.
    if (round['remaining'] === 0 || round['rotated'] === 0) return answerOf({ ...round, rotated, madeBefore });
  }
};

const answerOf = (result: Body): Answer => {
  const unreadable = result['unreadable'] as readonly unknown[];
  return {
    json: result,
    text: card({ ...result, unreadable: unreadable.join(' ') || '-' }),
    bad: unreadable.length > 0,
  };
};
