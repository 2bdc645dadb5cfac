import type { Permission } from '@switchyard/auth';

/** Whom a request is about, and what there is of them. */
export interface Subject {
  readonly userId: string;
  /** A number that no other request of the test has: for ids that must be new. */
  readonly n: number;
  /** Things of that user, made for this request alone where they are asked for; of nobody, ids that do not exist. */
  readonly accountId: () => Promise<string>;
  readonly tokenId: () => Promise<string>;
  readonly orderId: string;
  readonly signalId: string;
}

export interface RequestOf {
  readonly path: string;
  readonly body?: unknown;
}

/** What one route answers to whom. */
export interface Row {
  /** `public`: nobody is asked for a token; `anyone`: every valid token will do. */
  readonly permission: Permission | 'public' | 'anyone';
  /**
   * Whom it is about: a user that the request names; a thing of a user, which to others does not exist (404, so that nobody can probe for
   * ids); or everybody, the system as a whole.
   */
  readonly about: 'user' | 'thing' | 'everybody';
  readonly request: (subject: Subject) => RequestOf | Promise<RequestOf>;
  /** To whom it is allowed. */
  readonly allowed: number;
  /** Where it is allowed and there is no such user; default 404, for a thing too. */
  readonly nobody?: number;
}
