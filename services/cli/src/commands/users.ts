import type { Body } from '../api.js';
import type { Command } from '../command.js';
import { readJson, wholeNumber } from '../files.js';
import { card, table } from '../table.js';

const user = (id: string): string => `/v1/users/${encodeURIComponent(id)}`;

const shown = (found: Body): string => {
  const { accounts, ...fields } = found;
  const rows = (accounts as readonly Body[] | undefined) ?? [];
  return `${card(fields)}\n${table(
    ['ACCOUNT', 'VENUE', 'MODE', 'MARKET', 'STATUS'],
    rows.map((account) => ['accountId', 'venue', 'mode', 'market', 'status'].map((field) => account[field])),
    'No exchange account.',
  )}`;
};

const enabling = (name: 'enable' | 'disable', summary: string): Command => ({
  name: `users ${name}`,
  usage: 'USER',
  summary,
  arity: [1, 1],
  options: { reason: { type: 'string', hint: 'TEXT', help: 'Why; the audit trail keeps it.' } },
  run: async ({ api }, given) => {
    const changed = await api.send('PATCH', user(given.arguments[0] ?? ''), {
      enabled: name === 'enable',
      reason: given.text('reason'),
    });
    return { json: changed, text: shown(changed) };
  },
});

export const USERS: readonly Command[] = [
  {
    name: 'users list',
    usage: '',
    summary: 'Users.',
    arity: [0, 0],
    options: { limit: { type: 'string', hint: 'N', help: 'So many at most. Default 100.' } },
    run: async ({ api }, given) => {
      const items = await api.list('/v1/users', {}, wholeNumber('limit', given.text('limit'), 100));
      const rows = items.map((one) => [
        one['userId'],
        one['enabled'] === true ? 'yes' : 'no',
        one['mode'],
        (one['accounts'] as readonly Body[]).map(({ venue, mode }) => `${String(venue)} (${String(mode)})`).join(', '),
        one['createdAt'],
      ]);
      return { json: items, text: table(['USER', 'ENABLED', 'MODE', 'ACCOUNTS', 'SINCE'], rows, 'No user.') };
    },
  },
  {
    name: 'users show',
    usage: 'USER',
    summary: 'A user and their exchange accounts.',
    arity: [1, 1],
    run: async ({ api }, given) => {
      const found = await api.get(user(given.arguments[0] ?? ''));
      return { json: found, text: shown(found) };
    },
  },
  {
    name: 'users create',
    usage: 'USER',
    summary: 'Create a user.',
    arity: [1, 1],
    options: {
      mode: { type: 'string', hint: 'MODE', help: 'Of their signals: simulated, paper (default) or live.' },
      disabled: { type: 'boolean', help: 'They may not trade before they are enabled.' },
    },
    run: async ({ api }, given) => {
      const made = await api.send('POST', '/v1/users', {
        userId: given.arguments[0],
        mode: given.text('mode'),
        enabled: !given.flag('disabled'),
      });
      return { json: made, text: shown(made) };
    },
  },
  enabling('enable', 'Let a user trade.'),
  enabling('disable', 'Let a user trade no longer; exits of open positions still pass.'),
  {
    name: 'users limits',
    usage: 'USER',
    summary: 'Limits in force; with --replace, new ones.',
    arity: [1, 1],
    options: {
      replace: {
        type: 'string',
        hint: 'FILE',
        help: 'JSON of all limits that are not the defaults (- for standard input): it replaces what there is.',
      },
    },
    run: async ({ api, terminal }, given) => {
      const path = `${user(given.arguments[0] ?? '')}/limits`;
      const file = given.text('replace');
      const limits =
        file === undefined ? await api.get(path) : await api.send('PUT', path, await readJson(terminal, file));
      return { json: limits, text: card(limits) };
    },
  },
];
