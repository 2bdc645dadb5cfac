import { codes, page } from './markdown.mjs';

export const orderStatesPage = async (load) => {
  const { movesAsMarkdown } = await load('libs/domain/order', 'moves');
  const { CHILD_STATUSES } = await load('libs/domain/order', 'status');
  const { ORDER_STATUSES } = await load('libs/domain/model', 'vocabulary');
  const parents = ORDER_STATUSES.filter((status) => !CHILD_STATUSES.includes(status));
  return [
    page(
      'Order states',
      `The life of a child order: one order at one venue. The table is the code's own
([\`moves.ts\`](../../libs/domain/order/src/moves.ts)): \`evolve\` reads it and nothing else. A fact that a row does not name leaves the
state as it is. What the facts mean stands in [\`facts.ts\`](../../libs/domain/order/src/facts.ts).`,
    ),
    movesAsMarkdown(),
    `1. A final state is left by a fill only: the venue's fill beats whatever we had concluded.
2. What ended by the venue's word (cancelled, expired) stays ended unless the late fill completes it. What ended by our conclusion or by a
   refusal (failed, rejected) is live again: it was at the venue after all.
3. \`unknown\` never leads back to \`queued\`: an order that may be at the venue is looked up, never sent again.
4. \`notSent\` speaks of one attempt: it leads back to the queue from \`executing\` alone.

A parent order has the same states beside ${codes(parents)} (approved, and not at a venue yet). It ends with its \`OrderCompleted\`, once
every child's end is known and the fills seen add up to it.

How a cancel leads there: [cancels](../concepts/cancels.md).
`,
  ].join('\n');
};
