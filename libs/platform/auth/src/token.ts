import { createHash, randomBytes } from 'node:crypto';

/** Told apart from other secrets at a glance, by people and by secret scanners. */
const PREFIX = 'sy_';

/** A new bearer token: 256 random bits. It is shown once and stored nowhere; what is kept is its hash. */
export const newToken = (): string => PREFIX + randomBytes(32).toString('base64url');

/** What is stored of a token, 64 hex characters. It is random and long, so that one round of SHA-256 can't be reversed by guessing. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

export const SHORTEST_TOKEN = 24;
export const LONGEST_TOKEN = 256;

/** Whether a text may be a token: ours, or one an operator chose, long enough not to be guessed. */
export const isToken = (text: string): boolean =>
  text.length >= SHORTEST_TOKEN && text.length <= LONGEST_TOKEN && /^[A-Za-z0-9._~+/=-]+$/.test(text);
