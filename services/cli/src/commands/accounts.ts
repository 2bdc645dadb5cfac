import type { Body } from '../api.js';
import type { Command, OptionSpec } from '../command.js';
import { EXIT, Failure } from '../failure.js';
import { readJson } from '../files.js';
import { card, table } from '../table.js';
import type { Terminal } from '../terminal.js';

const accountsOf = (userId = ''): string => `/v1/users/${encodeURIComponent(userId)}/accounts`;
const accountOf = ([userId, accountId = '']: readonly string[]): string =>
  `${accountsOf(userId)}/${encodeURIComponent(accountId)}`;

const KEYS: OptionSpec = {
  type: 'string',
  hint: 'FILE',
  help: 'JSON {apiKey, secret, passphrase} (- for standard input). Keys are never arguments.',
};

export const ACCOUNTS: readonly Command[] = [
  {
    name: 'accounts list',
    usage: 'USER',
    summary: 'A user’s exchange accounts, without their keys.',
    arity: [1, 1],
    run: async ({ api }, given) => {
      const { items } = await api.get(accountsOf(given.arguments[0]));
      const fields = ['accountId', 'venue', 'mode', 'market', 'status', 'keyVersion', 'createdAt'];
      const rows = (items as readonly Body[]).map((account) => fields.map((field) => account[field]));
      return {
        json: items,
        text: table(['ACCOUNT', 'VENUE', 'MODE', 'MARKET', 'STATUS', 'KEYS', 'SINCE'], rows, 'No exchange account.'),
      };
    },
  },
  {
    name: 'accounts connect',
    usage: 'USER',
    summary: 'Connect an exchange account.',
    arity: [1, 1],
    as: 'admin',
    options: {
      venue: { type: 'string', hint: 'VENUE', help: 'Such as binance (needed).' },
      mode: {
        type: 'string',
        hint: 'MODE',
        help: 'simulated, paper or live (needed). Another mode is another account.',
      },
      id: { type: 'string', hint: 'ID', help: 'The accountId; without it one is made.' },
      keys: KEYS,
      'usdt-as-usd': { type: 'boolean', help: 'USDT stands for USD here.' },
      'time-zone': { type: 'string', hint: 'ZONE', help: 'In which its trading day turns. Default UTC.' },
      balance: {
        type: 'string',
        hint: 'USDT=1000',
        multiple: true,
        help: 'What a simulated account starts with; may be given several times.',
      },
    },
    run: async ({ api, terminal }, given) => {
      const keys = given.text('keys');
      const balances = given.texts('balance');
      const made = await api.send('POST', accountsOf(given.arguments[0]), {
        venue: given.text('venue'),
        mode: given.text('mode'),
        accountId: given.text('id'),
        timeZone: given.text('time-zone'),
        usdtAsUsd: given.flag('usdt-as-usd'),
        ...(balances.length === 0 ? {} : { startingBalances: Object.fromEntries(balances.map(balance)) }),
        ...(keys === undefined ? {} : await keysOf(terminal, keys)),
      });
      return { json: made, text: card(made) };
    },
  },
  {
    name: 'accounts rotate',
    usage: 'USER ACCOUNT',
    summary: 'Give an account new keys.',
    arity: [2, 2],
    as: 'admin',
    options: { keys: KEYS },
    run: async ({ api, terminal }, given) => {
      const keys = given.text('keys');
      if (keys === undefined) throw new Failure(EXIT.usage, '--keys is needed.');
      const changed = await api.send('POST', `${accountOf(given.arguments)}/rotate`, await keysOf(terminal, keys));
      return { json: changed, text: card(changed) };
    },
  },
  {
    name: 'accounts remove',
    usage: 'USER ACCOUNT',
    summary: 'Remove an account: it takes no new orders, and its keys are erased later.',
    arity: [2, 2],
    run: async ({ api }, given) => {
      const removed = await api.send('DELETE', accountOf(given.arguments));
      return { json: removed, text: card(removed) };
    },
  },
];

const keysOf = async (terminal: Terminal, file: string): Promise<Body> => {
  const keys = await readJson(terminal, file);
  if (typeof keys !== 'object' || keys === null) throw new Failure(EXIT.usage, `${file} must hold {apiKey, secret}.`);
  return keys as Body;
};

const balance = (text: string): readonly [string, string] => {
  const [currency = '', amount = '', ...rest] = text.split('=');
  if (currency === '' || amount === '' || rest.length > 0)
    throw new Failure(EXIT.usage, `--balance is CURRENCY=AMOUNT, not "${text}".`);
  return [currency, amount];
};
