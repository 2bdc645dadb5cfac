import type { Deployment } from '../system/deployment.js';
import type { Observer, Progress } from './observer.js';
import { shownBalances } from './books.js';

export interface QuietOptions {
  readonly deployment: Deployment;
  readonly observer: Observer;
  /** Signals that were accepted. */
  readonly accepted: number;
  /** Nothing may move for so long before what is left counts as stuck, ms. */
  readonly patienceMs: number;
  readonly say: (line: string) => void;
}

const LOOK_MS = 1_000;
const TELL_MS = 5_000;
/** Everything has ended and was recorded: so long it must stay so. */
const SETTLED_FOR_MS = 3_000;

/** Waits until nothing moves any more. @returns whether everything ended, or patience did */
export const quiet = async (options: QuietOptions): Promise<'settled' | 'patience'> => {
  const { deployment, accepted, patienceMs, say } = options;
  let [last, movedAt, toldAt, settledAt] = ['', performance.now(), performance.now(), Number.NaN];
  for (;;) {
    const now = performance.now();
    const look = await lookAt(options);
    const text = JSON.stringify(look);
    if (text !== last) [last, movedAt] = [text, now];
    const settled =
      look !== undefined &&
      look.ended >= accepted &&
      look.recorded >= look.written &&
      look.notReady === 0 &&
      look.balancesDiffer === 0;
    if (!settled) settledAt = Number.NaN;
    else if (Number.isNaN(settledAt)) settledAt = now;
    if (now - settledAt >= SETTLED_FOR_MS && now - movedAt >= SETTLED_FOR_MS) return 'settled';
    if (now - movedAt >= patienceMs) return 'patience';
    if (now - toldAt >= TELL_MS) {
      toldAt = now;
      const wounds = [...deployment.wounds, ...(look?.waitsFor ?? [])].join(', ');
      say(
        `waiting until it is quiet: ${look?.ended ?? '?'} of ${accepted} have ended${wounds === '' ? '' : ` (${wounds})`}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

interface Look extends Progress {
  readonly notReady: number;
  readonly balancesDiffer: number;
  readonly waitsFor: readonly string[];
}

/** Undefined while the database or the venue does not answer. */
const lookAt = async ({ deployment, observer }: QuietOptions): Promise<Look | undefined> => {
  try {
    const [progress, notReady, ours, venues] = await Promise.all([
      observer.progress(),
      deployment.notReady(),
      shownBalances(observer, deployment.users),
      deployment.venue.balances(),
    ]);
    const there = new Map(venues.map(({ accountKey, currency, quantity }) => [`${accountKey} ${currency}`, quantity]));
    const balancesDiffer = ours.filter(
      ({ accountKey, currency, quantity }) => (there.get(`${accountKey} ${currency}`) ?? '0') !== quantity,
    ).length;
    return {
      ...progress,
      notReady: notReady.length,
      balancesDiffer,
      waitsFor: [
        ...notReady,
        ...(balancesDiffer > 0 ? [`${balancesDiffer} balances differ`] : []),
        ...(progress.recorded < progress.written
          ? [`${progress.written - progress.recorded} events are not recorded yet`]
          : []),
      ],
    };
  } catch {
    return undefined;
  }
};
