import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, Failure } from './failure.js';
import type { Terminal } from './terminal.js';

/** JSON from a file, or from standard input where the file is `-`. Secrets come this way: arguments are seen by others. */
export const readJson = async (terminal: Terminal, file: string): Promise<unknown> => {
  const what = file === '-' ? 'standard input' : file;
  const text =
    file === '-'
      ? await terminal.input()
      : await readFile(resolve(terminal.cwd, file), 'utf8').catch((error: unknown) => {
          throw new Failure(
            EXIT.usage,
            `${file} can't be read: ${error instanceof Error ? error.message : String(error)}`,
          );
        });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Failure(EXIT.usage, `${what} is not JSON.`);
  }
};

/** A whole number of an option. */
export const wholeNumber = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw new Failure(EXIT.usage, `--${name} must be a whole number from 1, not "${text}".`);
  return Number(text);
};
