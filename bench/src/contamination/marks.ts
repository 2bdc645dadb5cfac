import { hash } from 'node:crypto';

/** A text that stands for one user and for nobody else: their id, and in everything that they name. */
export type Mark = string;

const MARK = /mk[0-9a-f]{12}zz/g;

export const markOf = (user: number): Mark => `mk${hash('sha256', `mark of user ${user}`, 'hex').slice(0, 12)}zz`;

/** Every mark in a text, each once. */
export const marksIn = (text: string): ReadonlySet<Mark> => new Set(text.match(MARK) ?? []);
