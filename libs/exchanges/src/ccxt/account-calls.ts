import type { Answer, CouldNotAsk, Evidence } from '../outcomes.js';
import type { Blot } from './blot.js';
import { ask } from './call.js';
import { classify, couldNotAsk, unknown, type Classified, type ErrorRow } from './classification.js';
import type { Endpoint } from './exchange.js';
import { judged, Nonsense } from './fields.js';
import type { Lane } from './lane.js';
import type { SendLimits } from './transport.js';

/** Parameters of a request: ccxt puts them into its path, query or JSON body; a list is a name that comes more than once. */
export interface Params {
  readonly [name: string]: Param;
}
export type Param = string | number | boolean | readonly string[] | Params;

/** An answer with what it was read from: some contradictions are found out later, by comparing it with another. */
export type Evident<T> =
  { readonly kind: 'answered'; readonly value: T; readonly evidence: () => Evidence } | CouldNotAsk;

/** One account's signed calls, by our names for them. Its ccxt instance, and with it the key, is out of reach of inspection. */
export class AccountCalls<Name extends string> {
  readonly #endpoints: Readonly<Record<Name, Endpoint>>;
  readonly #errors: readonly ErrorRow[];
  readonly #blot: Blot;
  readonly #lane: Lane | null;

  constructor(parts: {
    readonly endpoints: Readonly<Record<Name, Endpoint>>;
    readonly errors: readonly ErrorRow[];
    readonly blot: Blot;
    /** Where the account's calls must go one by one. */
    readonly lane: Lane | null;
  }) {
    this.#endpoints = parts.endpoints;
    this.#errors = parts.errors;
    this.#blot = parts.blot;
    this.#lane = parts.lane;
  }

  /** `params` are asked for when it is the call's turn, so that times in them are those of the signature. */
  async call(name: Name, params: Params | (() => Params), limits?: SendLimits): Promise<Classified> {
    const run = (): ReturnType<typeof ask> =>
      ask(() => this.#endpoints[name](typeof params === 'function' ? params() : params), limits);
    const result = this.#lane === null ? await run() : await this.#lane.run(run, limits);
    return classify(result, this.#errors, this.#blot);
  }

  /** Asks, and reads the answer; what can't be read, or makes no sense, is no answer. */
  async ask<T>(name: Name, params: Params, read: (value: unknown) => T): Promise<Answer<T>> {
    const answer = await this.askEvident(name, params, read);
    return answer.kind === 'answered' ? { kind: 'answered', value: answer.value } : answer;
  }

  /** An answer to `call` that is no "no such order". */
  read<T>(answer: Classified, read: (value: unknown) => T): Answer<T> {
    const value = readAnswer(answer, read);
    return value.kind === 'answered' ? { kind: 'answered', value: value.value } : value;
  }

  async askEvident<T>(name: Name, params: Params, read: (value: unknown) => T): Promise<Evident<T>> {
    return readAnswer(await this.call(name, params), read);
  }
}

export const readAnswer = <T>(answer: Classified, read: (value: unknown) => T): Evident<T> => {
  if (answer.kind !== 'good') return couldNotAsk(answer);
  const value = judged(() => read(answer.value));
  return value instanceof Nonsense
    ? couldNotAsk(unknown('nonsense', answer.evidence(), value.message))
    : { kind: 'answered', value, evidence: answer.evidence };
};
