import { between, pick, seeded } from '../plan/seeded.js';
import { Api } from './api.js';
import type { LoadSignal, Sender } from './signals.js';

export interface RestingOptions {
  readonly seed: number;
  readonly secondsBetween: number;
  readonly senders: readonly Sender[];
  readonly url: string;
  readonly tokens: ReadonlyMap<string, string>;
  /** How many there were in the parts of the run before. */
  readonly begun: number;
  /** Accepted by a part of the run that was cut off: they may still rest. */
  readonly left: readonly LoadSignal[];
  readonly send: (signal: LoadSignal) => void;
}

const PAIRS = ['BTC-USD', 'ETH-USD'] as const;
/** So far below the market that it rests, and not so far that the price is refused. */
const BELOW = 0.97;
const LOOK_MS = 250;
const AT_ONCE = 8;
const RESTING = /^r\d+-/;

/** Whether a signal of the load is one of these. */
export const isResting = ({ signalId }: Pick<LoadSignal, 'signalId'>): boolean => RESTING.test(signalId);

/** Users who place limit orders that rest, and cancel them after a while: each until the venue has it no more. */
export class Resting {
  private timer: NodeJS.Timeout | undefined;
  private readonly open = new Map<string, { readonly userId: string; readonly dueAt: number }>();
  private count: number;
  private looking: Promise<void> = Promise.resolve();
  private nextAt = 0;
  private placing = true;

  constructor(private readonly options: RestingOptions) {
    this.count = options.begun;
    for (const { signalId, userId } of options.left) this.open.set(signalId, { userId, dueAt: 0 });
  }

  start(): void {
    this.timer = setInterval(() => {
      this.looking = this.looking.then(() => this.round().catch(() => undefined));
    }, LOOK_MS);
  }

  /** Places nothing new, and cancels what rests; at most so long. @returns how many are open */
  async stop(patienceMs: number): Promise<number> {
    this.placing = false;
    const until = Date.now() + patienceMs;
    while (this.open.size > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    clearInterval(this.timer);
    await this.looking;
    return this.open.size;
  }

  private async round(): Promise<void> {
    const now = Date.now();
    if (this.placing && now >= this.nextAt) await this.place(now);
    const due = [...this.open].filter(([, { dueAt }]) => !this.placing || dueAt <= now).slice(0, AT_ONCE);
    await Promise.all(due.map(([signalId, { userId }]) => this.cancel(signalId, userId).catch(() => undefined)));
  }

  private async place(now: number): Promise<void> {
    const { seed, secondsBetween, senders, send } = this.options;
    const random = seeded(seed, 'resting', String(this.count));
    const { userId, venues } = pick(random, senders);
    const pair = pick(random, PAIRS);
    const mid = await this.midOf(userId, pick(random, venues), pair);
    this.nextAt = now + between(random, 0.3, 1.7) * secondsBetween * 1_000;
    if (mid === undefined) return;
    const signalId = `r${seed}-${userId}-${this.count}`;
    this.count += 1;
    send({
      ...{ signalId, userId, strategy: 'chaos', pair, side: 'buy', signalType: 'entry', orderType: 'limit' },
      ...{ timeInForce: 'gtc', size: { quote: '60' }, limitPrice: (mid * BELOW).toFixed(2) },
      generatedAt: new Date(now).toISOString(),
    });
    this.open.set(signalId, { userId, dueAt: now + between(random, 200, 6_000) });
  }

  private async midOf(userId: string, venue: string, pair: string): Promise<number | undefined> {
    const { status, body } = await this.api(userId).call('GET', `/v1/microstructure/${venue}/${pair}`);
    const mid = Number((body as { readonly figures?: { readonly mid?: string } | null }).figures?.mid);
    return status === 200 && mid > 0 ? mid : undefined;
  }

  private async cancel(signalId: string, userId: string): Promise<void> {
    const api = this.api(userId);
    const { status, body } = await api.call('GET', `/v1/signals/${encodeURIComponent(signalId)}`);
    // Not offered yet, or refused at the door: the load tells.
    if (status === 404) return;
    const signal = body as { readonly status: string; readonly orderIds?: readonly string[] };
    if (signal.status === 'done' || signal.status === 'rejected') this.open.delete(signalId);
    else
      for (const orderId of signal.orderIds ?? [])
        await api.call('DELETE', `/v1/orders/${encodeURIComponent(orderId)}`);
  }

  /** The door refused it: there is nothing to cancel. */
  refused(signalId: string): void {
    this.open.delete(signalId);
  }

  private api(userId: string): Api {
    return new Api(this.options.url, this.options.tokens.get(userId) ?? '');
  }
}
