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
      const fields = ['tokenId', 'role', 'name', 'createdBy', 'createdAt', 'expiresAt'];
      const rows = (items as readonly Body[]).map((token) => fields.map((field) => token[field]));
      return {
        json: items,
        text: table(['TOKEN', 'ROLE', 'NAME', 'MADE BY', 'SINCE', 'EXPIRES'], rows, 'No token.'),
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
    },
    run: async ({ api }, given) => {
      const made = await api.send('POST', tokensOf(given.arguments[0]), {
        role: given.text('role'),
        name: given.text('name'),
        expiresAt: given.text('expires'),
      });
      return { json: made, text: card(made) };
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
