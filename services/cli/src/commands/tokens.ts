import type { Body } from '../api.js';
import type { Command } from '../command.js';
import { card, table } from '../table.js';

const tokensOf = (userId = ''): string => `/v1/users/${encodeURIComponent(userId)}/tokens`;

export const TOKENS: readonly Command[] = [
  {
    name: 'tokens list',
    usage: 'USER',
    summary: 'A user’s tokens, without their secrets.',
    arity: [1, 1],
    run: async ({ api }, given) => {
      const { items } = await api.get(tokensOf(given.arguments[0]));
      const rows = (items as readonly Body[]).map((token) => [
        token['tokenId'],
        token['kind'] === 'webhook' ? `webhook of ${String(token['strategy'])}` : token['role'],
        ...['name', 'createdBy', 'createdAt', 'expiresAt'].map((field) => token[field]),
      ]);
      return {
        json: items,
        text: table(['TOKEN', 'GOOD FOR', 'NAME', 'MADE BY', 'SINCE', 'EXPIRES'], rows, 'No token.'),
      };
    },
  },
  {
    name: 'tokens issue',
    usage: 'USER',
    summary: 'Make a token for a user. It is printed once, and kept nowhere.',
    arity: [1, 1],
    as: 'admin',
    options: {
      role: { type: 'string', hint: 'ROLE', help: 'trader (default), operator or admin; at most your own.' },
      name: { type: 'string', hint: 'TEXT', help: 'What it is for.' },
      expires: { type: 'string', hint: 'TIME', help: 'RFC 3339; without it the token holds until it is revoked.' },
      webhook: {
        type: 'string',
        hint: 'STRATEGY',
        help: 'For alerts of TradingView: good for signals of this strategy, and for nothing else.',
      },
      address: {
        type: 'string',
        hint: 'ADDRESS',
        help: 'Where alerts may come from: an address, a network, or "tradingview". Default: from anywhere.',
        multiple: true,
      },
      publishes: {
        type: 'string',
        hint: 'STRATEGY',
        help: 'May send this strategy’s own signals, which everybody who follows it trades by. Needs an admin.',
      },
    },
    run: async ({ api }, given) => {
      const [strategy, addresses] = [given.text('webhook'), given.texts('address')];
      const made = await api.send('POST', tokensOf(given.arguments[0]), {
        role: given.text('role'),
        name: given.text('name'),
        expiresAt: given.text('expires'),
        publishes: given.text('publishes'),
        ...(strategy === undefined ? {} : { kind: 'webhook', strategy }),
        ...(addresses.length === 0 ? {} : { addresses }),
      });
      const path = strategy === undefined ? {} : { path: `/v1/webhooks/tradingview/${String(made['token'])}` };
      return { json: made, text: card({ ...made, ...path }) };
    },
  },
  {
    name: 'tokens revoke',
    usage: 'USER TOKENID',
    summary: 'Revoke a token.',
    arity: [2, 2],
    run: async ({ api }, given) => {
      const [userId, tokenId = ''] = given.arguments;
      await api.send('DELETE', `${tokensOf(userId)}/${encodeURIComponent(tokenId)}`);
      return { json: { tokenId, revoked: true }, text: `${tokenId} is revoked.\n` };
    },
  },
];
