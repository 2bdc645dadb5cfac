import { pick, seeded } from '../plan/seeded.js';
import type { Answer, Door } from './door.js';
import { signalOf, type LoadSignal, type Sender } from './signals.js';

/** Told of everything before it happens, and of what came of it. */
export interface LoadBook {
  offered(signal: LoadSignal): void;
  answered(signalId: string, answer: Answer): void;
}

export interface LoadOptions {
  readonly seed: number;
  readonly senders: readonly Sender[];
  /** How many signals each user has had already. */
  readonly begun: ReadonlyMap<string, number>;
  /** Signals a second, all users together. */
  readonly rate: number;
  /** A user keeps to one door: between doors nothing is promised of order. */
  readonly doorOf: (userId: string) => Door;
  readonly book: LoadBook;
}

/** A user sends one signal after the other; where many wait because nothing answers, the user sends no more for a while. */
const MOST_WAITING = 5;
const AGAIN_AFTER_MS = 250;

/** A steady load of many users' signals. Each is offered until it has an answer. */
export class Load {
  private readonly next: Map<string, number>;
  private readonly queues = new Map<string, LoadSignal[]>();
  private readonly working = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private givenUp = false;

  constructor(private readonly options: LoadOptions) {
    this.next = new Map(options.begun);
  }

  start(): void {
    const { rate, senders, seed } = this.options;
    const random = seeded(seed, 'load', String(this.next.size));
    let due = performance.now();
    this.timer = setInterval(
      () => {
        const now = performance.now();
        // After a stall of this process the load goes on at its rate; it does not catch up.
        due = Math.max(due, now - 1_000);
        for (; due <= now; due += 1_000 / rate) this.generate(pick(random, senders));
      },
      Math.max(5, 500 / rate),
    );
  }

  /** Offers again what a run that was cut off had not been told about. */
  again(signals: readonly LoadSignal[]): void {
    for (const signal of signals) this.put(signal);
  }

  /** One more signal, of a user's door, behind what waits there. */
  send(signal: LoadSignal): void {
    this.options.book.offered(signal);
    this.put(signal);
  }

  /** Sends nothing new, and waits for answers to what is out, at most so long. @returns how many have none */
  async stop(patienceMs: number): Promise<number> {
    clearInterval(this.timer);
    const all = Promise.all(this.working.values());
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([all, new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)))]);
    clearTimeout(timer);
    this.givenUp = true;
    await all;
    return [...this.queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  private generate(sender: Sender): void {
    const { userId } = sender;
    if ((this.queues.get(userId)?.length ?? 0) >= MOST_WAITING) return;
    const n = this.next.get(userId) ?? 0;
    this.next.set(userId, n + 1);
    const signal = signalOf(this.options.seed, sender, n, new Date());
    this.options.book.offered(signal);
    this.put(signal);
  }

  private put(signal: LoadSignal): void {
    const { userId } = signal;
    const queue = this.queues.get(userId) ?? [];
    this.queues.set(userId, queue);
    queue.push(signal);
    if (!this.working.has(userId))
      this.working.set(
        userId,
        this.work(userId, queue).finally(() => this.working.delete(userId)),
      );
  }

  private async work(userId: string, queue: LoadSignal[]): Promise<void> {
    const door = this.options.doorOf(userId);
    for (let signal = queue[0]; signal !== undefined && !this.givenUp; signal = queue[0]) {
      // Without an answer it may have been taken or not: the same again is harmless, and tells.
      const answer = await door.offer(signal).catch(() => undefined);
      if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
      else {
        this.options.book.answered(signal.signalId, answer);
        queue.shift();
      }
    }
  }
}
