import { createHash, randomBytes } from 'node:crypto';

/** Told apart from bearer tokens at a glance, by people and by secret scanners. */
const PREFIX = 'syw_';
const WEBHOOK_TOKEN = /^syw_[A-Za-z0-9_-]{43}$/;

/** A new token for a webhook's path: 256 random bits. It is shown once and stored nowhere; what is kept is its hash. */
export const newWebhookToken = (): string => PREFIX + randomBytes(32).toString('base64url');

/** Whether a text may be the token of a webhook: whatever is not is known to be wrong without asking anybody. */
export const isWebhookToken = (text: string): boolean => WEBHOOK_TOKEN.test(text);

/**
 * What is stored of a webhook's token, 64 hex characters. Not what a bearer token with these letters would be stored as: whoever looks for
 * one finds nothing of the other, whatever they forget to ask for.
 */
export const hashWebhookToken = (token: string): string =>
  createHash('sha256').update('switchyard webhook\n').update(token).digest('hex');

/** In a token's addresses: every address that TradingView sends from, which the deployment knows. */
export const TRADINGVIEW = 'tradingview';

/** What the token of a webhook is good for: signals of one strategy of one user, and nothing else. It has no role. */
export interface WebhookGrant {
  readonly tokenId: string;
  readonly userId: string;
  readonly strategyId: string;
  /** Where requests may come from: addresses, networks, or `TRADINGVIEW`. Undefined: from anywhere. */
  readonly addresses?: readonly string[] | undefined;
}
