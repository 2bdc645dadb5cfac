import { BAD_CONFIG_EXIT_CODE } from '@switchyard/config';

/** Settings are wrong; the message names every one of them. */
export class BadSettings extends Error {
  readonly exitCode = BAD_CONFIG_EXIT_CODE;
}
