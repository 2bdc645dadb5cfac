import { TRADINGVIEW, type WebhookGrant } from '@switchyard/auth';
import { Networks, Problem, senderOf, type WebhookIntrospector } from '@switchyard/http';
import type { Logger } from '@switchyard/observability';
import { RequestRate, type Rate } from './request-rate.js';

export interface WebhookPolicy {
  /** Where TradingView sends from. */
  readonly tradingViewAddresses: readonly string[];
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Of each token. */
  readonly rate: Rate;
}

/** What is known of a request before its body is looked at. */
export interface WebhookRequest {
  readonly token: string | undefined;
  readonly peer: string | undefined;
  readonly forwardedFor: string | readonly string[] | undefined;
}

/** One line a minute and token, however often it happens. */
const WARNINGS: Rate = { perSecond: 1 / 60, burst: 1 };

/**
 * Who may use a webhook. A token that is unknown, revoked, expired or of another kind, and one that came from an address it is not good
 * for, get one answer: it does not tell which. A token that comes too often is refused for itself alone, and before its alert is read.
 */
export class WebhookCallers {
  private readonly rates: RequestRate;
  private readonly warnings = new RequestRate(WARNINGS);
  private readonly proxies: Networks;
  private readonly networks = new Map<string, Networks>();

  constructor(
    private readonly tokens: WebhookIntrospector,
    private readonly policy: WebhookPolicy,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.rates = new RequestRate(policy.rate);
    this.proxies = new Networks(policy.trustedProxies);
  }

  /** Throws `Problem`: UNAUTHENTICATED, USER_RATE_LIMITED, and UNAVAILABLE where tokens can't be checked. */
  async grantFor({ token, peer, forwardedFor }: WebhookRequest): Promise<WebhookGrant> {
    const grant = token === undefined ? undefined : await this.tokens.grantOf(token);
    if (grant === undefined) throw nobody();
    const sender = senderOf(peer, forwardedFor, this.proxies);
    if (!this.allows(grant, sender)) {
      const { tokenId, userId } = grant;
      if (this.warnings.take(tokenId) === 0)
        this.logger.warn(
          { tokenId, userId, sender: sender ?? 'unknown' },
          'a webhook was called from an address it is not good for: its URL may be known to others',
        );
      throw nobody();
    }
    const waitS = this.rates.take(grant.tokenId);
    if (waitS > 0)
      throw new Problem('USER_RATE_LIMITED', 'This webhook is called more often than it may be; nothing was read.', {
        status: 429,
        facts: { perSecond: this.policy.rate.perSecond, burst: this.policy.rate.burst },
        headers: { 'retry-after': String(waitS) },
      });
    return grant;
  }

  private allows({ addresses }: WebhookGrant, sender: string | undefined): boolean {
    if (addresses === undefined) return true;
    return sender !== undefined && this.networksOf(addresses).holds(sender);
  }

  private networksOf(addresses: readonly string[]): Networks {
    const key = addresses.join(' ');
    let networks = this.networks.get(key);
    if (networks === undefined) {
      const known = addresses.flatMap((one) => (one === TRADINGVIEW ? this.policy.tradingViewAddresses : [one]));
      networks = new Networks(known);
      if (this.networks.size >= 1_000) this.networks.clear();
      this.networks.set(key, networks);
    }
    return networks;
  }
}

const nobody = (): Problem =>
  new Problem(
    'UNAUTHENTICATED',
    'There is no such webhook: its token is unknown, revoked or expired, or not good for where this comes from.',
  );
