import { BAD_CONFIG_EXIT_CODE } from './config.js';

/** What was set can't be right, here or beside what is stored: a restart does not help. The message says what is wrong, and what to do. */
export class BadSettings extends Error {
  override readonly name: string = 'BadSettings';
  readonly exitCode = BAD_CONFIG_EXIT_CODE;
}

/** What a process ends with that could not start. */
export const exitCodeOf = (error: unknown): number => (error instanceof BadSettings ? error.exitCode : 1);
