import type { Classified } from '../ccxt/classification.js';
import { REFUSALS } from '../refusals.js';

/** A token tells its expiry in whole seconds, cut down. */
const CUT_MS = 1_000;

/**
 * Coinbase has one word for a bad key and for a token that came too late. Where the answer took as long as the token was good for, it may
 * have come too late, and the key be as good as ever: the order was not taken either way, and may be sent again. A bad key is told from it
 * by the next answer that comes in time.
 */
export const lateIfVoid = (answer: Classified, tookMs: number, windowMs: number): Classified =>
  answer.kind === 'refused' && answer.code === 'BAD_CREDENTIALS' && tookMs >= windowMs - CUT_MS
    ? { ...answer, code: 'CLOCK_SKEW', message: REFUSALS.CLOCK_SKEW.cause }
    : answer;
