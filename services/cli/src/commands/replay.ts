import type { Command } from '../command.js';
import { openDatabaseOf } from '../open-database.js';
import { answerOf } from '../replay/replay-answer.js';
import { replayOrder } from '../replay/replay-order.js';

/** No gateway is asked: decisions are made again from the trail and the books where they lie. */
export const REPLAY: readonly Command[] = [
  {
    name: 'replay',
    usage: 'ORDER',
    summary: 'Make the routing decisions of an order again from the audit trail, and compare them bit for bit.',
    details: `ORDER is the id of a parent or a child, the id that we gave the venue, or the venue's own. Reads the journal's rows, each held against its
hash, its seal and the seals after it, and routing's books, each held against its hash (DATABASE_URL, else the database in
$SWITCHYARD_DATA_DIR). The last line is "same", or says what is not. Books are kept for 30 days, unless routing was told otherwise.`,
    arity: [1, 1],
    run: async ({ terminal }, given) => {
      const journal = await openDatabaseOf(terminal, 'journal', 'replay');
      try {
        const routing = await openDatabaseOf(terminal, 'routing', 'replay');
        try {
          return answerOf(await replayOrder({ journal, routing }, given.arguments[0] ?? ''));
        } finally {
          await routing.close();
        }
      } finally {
        await journal.close();
      }
    },
  },
];
