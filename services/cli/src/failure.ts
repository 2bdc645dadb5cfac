/** How a command ends: scripts tell by it what happened. */
export const EXIT = {
  done: 0,
  /** It was asked, and the answer was no; or what was checked is not as it should be. */
  refused: 1,
  /** The command line can't be understood. */
  usage: 2,
  /** It could not be asked: nothing answers, or there is no token. */
  unreachable: 3,
} as const;

/** Ends a command with a sentence for a person. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly exit: Exclude<(typeof EXIT)[keyof typeof EXIT], 0>,
    message: string,
    /** What `--json` prints besides. */
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
