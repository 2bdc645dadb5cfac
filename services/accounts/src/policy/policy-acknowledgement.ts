/** Injection token of the `PolicyAcknowledgement`. */
export const POLICY_ACKNOWLEDGEMENT = Symbol('accounts:policy-acknowledgement');

/** Tells when a change of a user has reached everyone who decides by it. */
export interface PolicyAcknowledgement {
  /**
   * Resolves when every stage has stored this version of the user or a later one, or when the time is over.
   *
   * @returns the stages that have not; empty: all have.
   */
  wait(userId: string, version: number, timeoutMs: number): Promise<readonly string[]>;
}

/** For a log that can't be asked: a change is taken for stored once it is committed. */
export const committedIsStored: PolicyAcknowledgement = { wait: () => Promise.resolve([]) };
