import type { Body } from '../api.js';
import type { Command } from '../command.js';
import { card, table } from '../table.js';

const decide = (verdict: 'approve' | 'reject', summary: string): Command => ({
  name: `approvals ${verdict}`,
  usage: 'ID',
  summary,
  arity: [1, 1],
  options: { reason: { type: 'string', hint: 'TEXT', help: 'Why; it is kept with the request.' } },
  run: async ({ api }, given) => {
    const path = `/v1/approvals/${encodeURIComponent(given.arguments[0] ?? '')}/${verdict}`;
    const decided = await api.send('POST', path, { reason: given.text('reason') });
    return { json: decided, text: card(decided) };
  },
});

const FIELDS = ['approvalId', 'kind', 'status', 'userId', 'accountId', 'requestedBy', 'expiresAt', 'decidedBy'];
const HEADS = ['REQUEST', 'KIND', 'STATUS', 'USER', 'ABOUT', 'ASKED BY', 'UNTIL', 'DECIDED BY'];

export const APPROVALS: readonly Command[] = [
  {
    name: 'approvals list',
    usage: '',
    summary: 'What waits for a second person, or did.',
    arity: [0, 0],
    options: {
      status: { type: 'string', hint: 'STATUS', help: 'pending, approved, rejected, withdrawn or expired.' },
    },
    run: async ({ api }, given) => {
      const { items } = await api.get('/v1/approvals', { status: given.text('status') });
      const rows = (items as readonly Body[]).map((one) =>
        FIELDS.map((field) => (field === 'accountId' ? (one['accountId'] ?? one['scope']) : one[field])),
      );
      return { json: items, text: table(HEADS, rows, 'Nothing waits.') };
    },
  },
  decide('approve', 'Be the second person: what was asked for has its effect.'),
  decide('reject', 'Refuse what was asked for: it has no effect.'),
];
