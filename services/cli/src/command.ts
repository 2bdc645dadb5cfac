import type { Api } from './api.js';
import type { Terminal } from './terminal.js';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help: `ID`. */
  readonly hint?: string;
  readonly help: string;
  readonly multiple?: boolean;
}

/** What a command was given: every argument and option by its name. */
export interface Given {
  readonly arguments: readonly string[];
  /** The text of an option; undefined where it was not given. */
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
}

export interface Context {
  readonly api: Api;
  readonly terminal: Terminal;
}

/** What a command answers: for programs, and for people. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  /** Set where the answer is not good: the command ends with `EXIT.refused`. */
  readonly bad?: boolean;
}

export interface Command {
  /** `failed release`. */
  readonly name: string;
  /** `ID...`: the last may stand for several. */
  readonly usage: string;
  readonly summary: string;
  readonly details?: string;
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** How many arguments it takes. */
  readonly arity: readonly [least: number, most: number];
  /** Whose token of `tokens.json` it takes, where none is named. Default `operator`. */
  readonly as?: 'admin' | 'operator' | 'demo';
  run(context: Context, given: Given): Promise<Answer>;
}
