import { setTimeout as pause } from 'node:timers/promises';
import type { Halt } from '../check/evidence.js';
import { between, pick, seeded } from '../plan/seeded.js';
import type { User } from '../system/users.js';
import type { Api } from './api.js';
import { verifiedVenues } from './halt-answer.js';

/** Told of each halt before it is asked for, and when it is over. */
export interface HaltBook {
  halting(scope: string): void;
  halted(halt: Halt): void;
  resumed(scope: string): void;
}

export interface HaltOptions {
  readonly seed: number;
  /** Mean time between the end of a halt and the next, seconds. */
  readonly secondsBetween: number;
  readonly users: readonly User[];
  readonly venues: readonly string[];
  /** With a token that may halt anything. */
  readonly api: Api;
  readonly book: HaltBook;
  /** Halted by a part of the run that was cut off. */
  readonly left: readonly string[];
}

const HALTED_MS = [500, 4_000] as const;
const AGAIN_MS = 250;

/** Somebody who now and then halts a user, a venue or everything, waits for the answer, and after a while lets it go on. */
export class Halts {
  private working: Promise<void> | undefined;
  private readonly ending = new AbortController();

  constructor(private readonly options: HaltOptions) {}

  start(): void {
    this.working = this.work();
    // Told by `stop`: until then a run without halts goes on.
    this.working.catch(() => undefined);
  }

  /** Everything may trade again when it resolves. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.working;
  }

  private async work(): Promise<void> {
    const { seed, secondsBetween, left } = this.options;
    for (const scope of left) await this.resume(scope);
    const random = seeded(seed, 'halts', String(Date.now()));
    while (await this.lasts(between(random, 0.3, 1.7) * secondsBetween * 1_000)) {
      const { scope, accountKeys } = this.scopeOf(random());
      await this.halt(scope, accountKeys, random() < 0.5, between(random, ...HALTED_MS));
    }
  }

  private scopeOf(share: number): { readonly scope: string; readonly accountKeys: readonly string[] | undefined } {
    const { users, venues, seed } = this.options;
    const random = seeded(seed, 'halt', String(share));
    if (share < 0.1) return { scope: 'global', accountKeys: undefined };
    if (share < 0.3) return { scope: `venue:${pick(random, venues)}`, accountKeys: undefined };
    const { userId, accounts } = pick(random, users);
    return { scope: `user:${userId}`, accountKeys: accounts.map(({ accountKey }) => accountKey) };
  }

  private async halt(
    scope: string,
    accountKeys: Halt['accountKeys'],
    cancelOpen: boolean,
    forMs: number,
  ): Promise<void> {
    const { api, book, venues } = this.options;
    book.halting(scope);
    const answer = await this.untilAnswered(() =>
      api.call('PUT', pathOf(scope), { state: 'halted', reason: 'chaos', cancelOpen }),
    );
    const from = Date.now();
    const among = scope.startsWith('venue:') ? [scope.slice('venue:'.length)] : venues;
    const verified = verifiedVenues(answer.body, among);
    await this.lasts(forMs);
    book.halted({ scope, accountKeys, venues: verified, from, to: Date.now() });
    await this.resume(scope);
  }

  private async resume(scope: string): Promise<void> {
    await this.untilAnswered(() => this.options.api.call('PUT', pathOf(scope), { state: 'active', reason: 'chaos' }));
    this.options.book.resumed(scope);
  }

  /** Asks until somebody answers: the same again is harmless. Throws what is no answer to this. */
  private async untilAnswered(ask: () => ReturnType<Api['call']>): Promise<{ readonly body: unknown }> {
    for (;;) {
      const answer = await ask().catch(() => undefined);
      if (answer === undefined) await pause(AGAIN_MS);
      else if (answer.status < 300) return answer;
      else throw new Error(`a halt was answered ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  }

  /** @returns whether the run still lasts after so long */
  private lasts(ms: number): Promise<boolean> {
    return pause(ms, true, { signal: this.ending.signal }).catch(() => false);
  }
}

const pathOf = (scope: string): string => `/v1/trading-state/${encodeURIComponent(scope)}`;
