import type { FactKind } from './facts.js';
import { CHILD_STATUSES, MEANINGS, isTerminal, type ChildStatus } from './status.js';

/** Where a fill leads: to the first while something is left open, to the second when nothing is. */
export type FillMove = readonly [open: ChildStatus, complete: ChildStatus];

type Moves = Readonly<{ fillSeen: FillMove | null } & Partial<Record<Exclude<FactKind, 'fillSeen'>, ChildStatus>>>;

const FILL: FillMove = ['partially_filled', 'filled'];
const AT_VENUE = { accepted: 'placed', foundAtVenue: 'placed' } as const;
const ENDED = { cancelled: 'cancelled', expired: 'expired' } as const;

/**
 * The law of a child order's life: from each state, where each fact leads. A fact that is not named leaves the state as it is. `evolve`
 * reads this table and nothing else, and the docs print it.
 *
 * 1. A terminal state is left by a fill only: the venue's fill beats whatever we had concluded.
 * 2. What ended by the venue's word (cancelled, expired) stays ended unless the late fill completes it. What ended by our conclusion or
 *    by a refusal (failed, rejected) is live again: it was at the venue after all.
 * 3. What the venue shows was sent, whatever we know of sending it: so `accepted` and `foundAtVenue` count before `claimed`, too.
 * 4. `notSent` speaks of one attempt: it leads back to the queue from `executing` alone.
 */
export const MOVES: Readonly<Record<ChildStatus, Moves>> = {
  pending: {
    ...AT_VENUE,
    queued: 'queued',
    gaveUp: 'failed',
    cancelled: 'cancelled',
    expired: 'expired',
    fillSeen: FILL,
  },
  queued: {
    ...AT_VENUE,
    claimed: 'executing',
    gaveUp: 'failed',
    cancelled: 'cancelled',
    expired: 'expired',
    fillSeen: FILL,
  },
  executing: {
    ...AT_VENUE,
    ...ENDED,
    refused: 'rejected',
    notSent: 'queued',
    outcomeUnknown: 'unknown',
    gaveUp: 'failed',
    fillSeen: FILL,
  },
  unknown: { ...AT_VENUE, ...ENDED, refused: 'rejected', provenNeverArrived: 'failed', fillSeen: FILL },
  placed: { ...ENDED, refused: 'rejected', cancelRequested: 'cancel_pending', fillSeen: FILL },
  partially_filled: { ...ENDED, cancelRequested: 'cancel_pending', fillSeen: FILL },
  cancel_pending: { ...ENDED, cancelRefused: 'placed', fillSeen: ['cancel_pending', 'filled'] },
  filled: { fillSeen: null },
  cancelled: { fillSeen: ['cancelled', 'filled'] },
  expired: { fillSeen: ['expired', 'filled'] },
  rejected: { fillSeen: FILL },
  failed: { fillSeen: FILL },
};

export interface LegalMove {
  readonly from: ChildStatus;
  readonly fact: FactKind;
  readonly to: ChildStatus;
}

/** Every legal change of state. Two facts may lead the same way. */
export const legalMoves = (): readonly LegalMove[] =>
  CHILD_STATUSES.flatMap((from) =>
    Object.entries(MOVES[from]).flatMap(([fact, to]) =>
      [to]
        .flat()
        .filter((status): status is ChildStatus => status !== null && status !== from)
        .map((status) => ({ from, fact: fact as FactKind, to: status })),
    ),
  ).concat({ from: 'cancel_pending', fact: 'cancelRefused', to: 'partially_filled' });

export const isLegal = (from: ChildStatus, to: ChildStatus): boolean =>
  from === to || legalMoves().some((move) => move.from === from && move.to === to);

/** The table as Markdown, for the docs. */
export const movesAsMarkdown = (): string => {
  const rows = CHILD_STATUSES.map((from) => {
    const moves = legalMoves().filter((move) => move.from === from);
    const targets = CHILD_STATUSES.filter((to) => moves.some((move) => move.to === to)).map(
      (to) =>
        `${to} (${moves
          .filter((move) => move.to === to)
          .map((move) => move.fact)
          .join(', ')})`,
    );
    return `| ${from} | ${MEANINGS[from]} | ${isTerminal(from) ? 'yes' : ''} | ${targets.join('; ') || 'none'} |`;
  });
  return ['| state | meaning | final | may become (by which fact) |', '|---|---|---|---|', ...rows, ''].join('\n');
};
