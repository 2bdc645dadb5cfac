import {
  historyOf,
  learn,
  weightOf,
  withExecution,
  type Execution,
  type Executions,
  type PairHistory,
} from '@switchyard/routing-domain';

/**
 * What orders of each pair came to at each venue, in this process's memory: the last hundred of them, what `adaptive` learnt of them, and
 * how many decisions there were. It moves scores and ranks, never money; a decision records what it was told of it, and a restart begins
 * anew. Bounded by the pairs and venues that orders went to.
 */
export class VenueMemory {
  readonly #turns = new Map<string, number>();
  readonly #executions = new Map<string, Executions>();
  readonly #histories = new Map<string, { readonly history: PairHistory; readonly atMs: number }>();
  readonly #weights = new Map<string, Readonly<Record<string, number>>>();

  /** How many decisions of the pair came before this one. */
  nextTurn(pair: string): number {
    const turn = this.#turns.get(pair) ?? 0;
    this.#turns.set(pair, (turn + 1) % 2 ** 31);
    return turn;
  }

  /** With what it is worth now; undefined where nothing is known. */
  historyOf(venue: string, pair: string, nowMs: number): PairHistory | undefined {
    const known = this.#histories.get(keyOf(venue, pair));
    return known && { ...known.history, weight: Number(weightOf(known.atMs, nowMs).toFixed(4)) };
  }

  /** Undefined while nothing was learnt. */
  weightsOf(pair: string): Readonly<Record<string, number>> | undefined {
    return this.#weights.get(pair);
  }

  /** `among`: the venues that the order could have gone to. Weights are relative: a venue is learnt against those it was drawn from. */
  saw(venue: string, pair: string, execution: Execution, among: readonly string[]): void {
    const key = keyOf(venue, pair);
    const executions = withExecution(this.#executions.get(key) ?? [], execution);
    this.#executions.set(key, executions);
    const history = historyOf(executions);
    if (history !== undefined) this.#histories.set(key, { history, atMs: execution.atMs });
    const { succeeded, latencyMs, slippage = 0 } = execution;
    const weights = { ...Object.fromEntries(among.map((name) => [name, 1])), ...this.#weights.get(pair) };
    this.#weights.set(pair, learn(weights, { venue, failed: !succeeded, slippage, latencyMs }));
  }
}

const keyOf = (venue: string, pair: string): string => `${venue}/${pair}`;
