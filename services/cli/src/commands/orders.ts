import type { Body } from '../api.js';
import type { Command } from '../command.js';
import { wholeNumber } from '../files.js';
import { card, table } from '../table.js';

const FILTERS = {
  user: ['userId', 'USER', 'Of this user.'],
  status: ['status', 'STATUS', 'Such as placed, filled, unknown, failed.'],
  venue: ['venue', 'VENUE', 'At this venue.'],
  pair: ['pair', 'PAIR', 'Of this pair.'],
  signal: ['signalId', 'SIGNAL', 'Of this signal.'],
  'client-order': ['clientOrderId', 'ID', 'By the id that we gave it.'],
  'venue-order': ['venueOrderId', 'ID', 'By the id that the venue gave it.'],
  from: ['from', 'TIME', 'Not before this time (RFC 3339).'],
  to: ['to', 'TIME', 'Before this time.'],
  level: ['level', 'parent|child', 'Only parents, or only orders at venues.'],
} as const;

export const ORDERS: readonly Command[] = [
  {
    name: 'orders list',
    usage: '',
    summary: 'Orders, newest first.',
    arity: [0, 0],
    options: {
      ...Object.fromEntries(
        Object.entries(FILTERS).map(([name, [, hint, help]]) => [name, { type: 'string' as const, hint, help }]),
      ),
      limit: { type: 'string', hint: 'N', help: 'So many at most. Default 50.' },
    },
    run: async ({ api }, given) => {
      const query = Object.fromEntries(Object.entries(FILTERS).map(([name, [field]]) => [field, given.text(name)]));
      const items = await api.list('/v1/orders', query, wholeNumber('limit', given.text('limit'), 50));
      const rows = items.map((order) => [
        order['orderId'],
        order['userId'],
        order['venue'],
        order['pair'],
        order['side'],
        order['quantity'],
        order['filledQuantity'],
        order['averagePrice'],
        order['status'],
        order['code'],
        order['createdAt'],
      ]);
      const heads = [
        'ORDER',
        'USER',
        'VENUE',
        'PAIR',
        'SIDE',
        'QUANTITY',
        'FILLED',
        'PRICE',
        'STATUS',
        'CODE',
        'SINCE',
      ];
      return { json: items, text: table(heads, rows, 'No order.') };
    },
  },
  {
    name: 'orders show',
    usage: 'ORDER',
    summary: 'An order and its whole story.',
    arity: [1, 1],
    run: async ({ api }, given) => {
      const order = await api.get(`/v1/orders/${encodeURIComponent(given.arguments[0] ?? '')}`);
      const { history, children, fees, ...fields } = order;
      const steps = (history as readonly Body[]).map(({ at, service, event, reason }) => [at, service, event, reason]);
      const orders = (children as readonly Body[]).map(({ orderId }) => String(orderId)).join(' ');
      const text = `${card({ ...fields, fees, ...(orders === '' ? {} : { children: orders }) })}\n${table(
        ['AT', 'SERVICE', 'EVENT', 'WHY'],
        steps,
      )}`;
      return { json: order, text };
    },
  },
  {
    name: 'orders cancel',
    usage: 'ORDER',
    summary: 'Cancel an order: a parent with all that lives of it, or one at a venue.',
    details:
      'What waits is never sent; what is at a venue is cancelled there. What was filled by then stays: orders show tells how it ended.',
    arity: [1, 1],
    options: { reason: { type: 'string', hint: 'TEXT', help: 'Why; the order’s history shows it.' } },
    run: async ({ api }, given) => {
      const reason = given.text('reason');
      const query = reason === undefined ? '' : `?reason=${encodeURIComponent(reason)}`;
      const requested = await api.send('DELETE', `/v1/orders/${encodeURIComponent(given.arguments[0] ?? '')}${query}`);
      return { json: requested, text: card(requested) };
    },
  },
];
