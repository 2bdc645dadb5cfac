import type { EventLog } from '@switchyard/log';
import { POLICY_TOPIC } from './policy-event.js';

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

/** Asks the log whether every stage that reads the users' policies has stored what was appended for this user. */
export const storedByReaders = (log: Pick<EventLog<never>, 'readByAll'>): PolicyAcknowledgement => ({
  wait: (userId, _, timeoutMs) => log.readByAll(POLICY_TOPIC, userId, timeoutMs),
});

/** For where nobody can have stored anything yet: a change is taken for stored once it is committed. */
export const committedIsStored: PolicyAcknowledgement = { wait: () => Promise.resolve([]) };
