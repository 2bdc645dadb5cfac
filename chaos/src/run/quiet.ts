import type { Deployment } from '../system/deployment.js';
import type { Observer } from './observer.js';
import { balancesAt } from './venue-words.js';
import { shownBalances } from './books.js';
import { copiesOf } from './copies.js';
import type { RunFile } from './run-file.js';

export interface QuietOptions {
  readonly deployment: Deployment;
  readonly observer: Observer;
  readonly run: Pick<RunFile, 'counts' | 'strategySignals'>;
  /** Nothing may move for so long before what is left counts as stuck, ms. */
  readonly patienceMs: number;
  readonly say: (line: string) => void;
}

const LOOK_MS = 1_000;
const TELL_MS = 5_000;
/** Everything has ended: so long it must stay so, with everything read at the end of it. */
const SETTLED_FOR_MS = 3_000;

/** Waits until nothing is left to be done. @returns whether that came, or patience ended */
export const quiet = async (options: QuietOptions): Promise<'settled' | 'patience'> => {
  const { deployment, observer, run, patienceMs, say } = options;
  const startedAt = performance.now();
  let [last, movedAt, toldAt, endedAt] = [-1, startedAt, startedAt, Number.NaN];
  for (;;) {
    const now = performance.now();
    const look = await lookAt(options);
    const copies = await copiesOf(observer, run, deployment.users).catch(() => undefined);
    const accepted = copies === undefined ? Infinity : run.counts.accepted + copies.expected.length + copies.refused;
    // Balances are told and read all the time: what counts as movement are ends.
    if (look !== undefined && look.ended !== last) [last, movedAt] = [look.ended, now];
    const ended = look !== undefined && look.ended >= accepted;
    if (!ended) endedAt = Number.NaN;
    else if (Number.isNaN(endedAt)) endedAt = now;
    if (now - endedAt >= SETTLED_FOR_MS && look?.waitsFor.length === 0) return 'settled';
    if (now - movedAt >= patienceMs) return 'patience';
    if (now - toldAt >= TELL_MS) {
      toldAt = now;
      const wounds = [...deployment.wounds, ...(look?.waitsFor ?? ['the database or a venue does not answer'])];
      say(
        `waiting until it is quiet: ${look?.ended ?? '?'} of ${accepted} have ended${wounds.length === 0 ? '' : ` (${wounds.join(', ')})`}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

interface Look {
  readonly ended: number;
  /** A sentence for each thing that is not as it will be. */
  readonly waitsFor: readonly string[];
}

/** Undefined while the database or a venue does not answer. */
const lookAt = async ({ deployment, observer }: QuietOptions): Promise<Look | undefined> => {
  try {
    const [progress, notReady, ours, venues] = await Promise.all([
      observer.progress(),
      deployment.notReady(),
      shownBalances(observer, deployment.users),
      balancesAt(deployment),
    ]);
    const there = new Map(venues.map(({ accountKey, currency, quantity }) => [`${accountKey} ${currency}`, quantity]));
    const balancesDiffer = ours.filter(
      ({ accountKey, currency, quantity }) => (there.get(`${accountKey} ${currency}`) ?? '0') !== quantity,
    ).length;
    const { ended, unread } = progress;
    return {
      ended,
      waitsFor: [
        ...notReady,
        ...(balancesDiffer > 0 ? [`${balancesDiffer} balances differ`] : []),
        ...(unread > 0 ? [`${unread} events are not read yet`] : []),
      ],
    };
  } catch {
    return undefined;
  }
};
