import type { VenueOrigins } from './capabilities.js';

export type Mode = 'simulated' | 'paper' | 'live';

declare const permitted: unique symbol;

/** Proof that the dry-run rule was asked: the only way to a client. Made by `mayUse` alone. */
export interface OriginPermit {
  readonly [permitted]: true;
  readonly mode: 'paper' | 'live';
  readonly origin: string;
}

export type OriginRefusalCode =
  'SIMULATED_HAS_NO_CLIENT' | 'PAPER_NEEDS_SIMULATED_ORIGIN' | 'LIVE_TRADING_DISABLED' | 'LIVE_ORIGIN_NOT_ALLOWED';

export interface OriginRefusal {
  readonly kind: 'refused';
  readonly code: OriginRefusalCode;
  readonly message: string;
}

/** Hosts where no real money moves, by the venues' own documentation. Whole hosts only: a look-alike is real. */
export const TEST_NET_HOSTS: readonly string[] = [
  'testnet.binance.vision',
  'demo-api.binance.com',
  'api-testnet.bybit.com',
  'api-demo.bybit.com',
  'api-sandbox.coinbase.com',
  'paper-api.alpaca.markets',
  'stream.testnet.binance.vision',
  'demo-stream.binance.com',
];

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The origin of a URL (scheme, host, port), or `null` where it is not one of http(s). */
export const originOf = (url: string): string | null => {
  if (!URL.canParse(url)) return null;
  const { origin, protocol } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? origin : null;
};

/** The same for a stream, `ws` or `wss`, as the http(s) origin of the same host and port: one rule for both. */
const placeOf = (url: string): string | null => originOf(url.replace(/^ws(s?):/i, 'http$1:'));

/**
 * Whether what is there is a real venue, where requests may move real money or streams tell of real books: everything but loopback, an
 * official test net, and the origins listed as simulated. What cannot be parsed is real.
 */
export const isRealOrigin = (
  url: string,
  { simulatedOrigins }: { readonly simulatedOrigins: readonly string[] },
): boolean => {
  const origin = placeOf(url);
  if (origin === null) return true;
  const { hostname } = new URL(origin);
  if (LOOPBACK.test(hostname) || TEST_NET_HOSTS.includes(hostname)) return false;
  return !simulatedOrigins.some((listed) => placeOf(listed) === origin);
};

/** Whether a simulator of ours is there: loopback, or an origin listed as simulated. A venue's test net is a real server with real limits. */
export const isSimulator = (
  url: string,
  { simulatedOrigins }: { readonly simulatedOrigins: readonly string[] },
): boolean => {
  const origin = placeOf(url);
  if (origin === null) return false;
  return LOOPBACK.test(new URL(origin).hostname) || simulatedOrigins.some((listed) => placeOf(listed) === origin);
};

export interface OriginRules {
  readonly venue: VenueOrigins;
  /** The deployment's half of the switch for real orders (`SWITCHYARD_LIVE_TRADING`); the account's half is its mode. */
  readonly liveTradingEnabled: boolean;
  /** Origins declared to be simulators. */
  readonly simulatedOrigins: readonly string[];
  /** Origins other than the venue's own to which live orders may go: a proxy of ours. */
  readonly allowedLiveOrigins: readonly string[];
}

/**
 * The dry-run rule. `simulated` calls nobody; `paper` may use any origin that is not real; `live` needs the deployment's switch and the
 * venue's own live origin, or one that is allow-listed.
 */
export const mayUse = (
  mode: Mode,
  url: string,
  rules: OriginRules,
): { readonly kind: 'permitted'; readonly permit: OriginPermit } | OriginRefusal => {
  const origin = originOf(url) ?? url;
  const listed = (urls: readonly string[]): boolean => urls.some((other) => originOf(other) === origin);
  switch (mode) {
    case 'simulated':
      return refusal('SIMULATED_HAS_NO_CLIENT', 'A simulated account makes no calls, so it gets no client.');
    case 'paper':
      return isRealOrigin(url, rules)
        ? refusal('PAPER_NEEDS_SIMULATED_ORIGIN', `A paper account may not use ${origin}: it is a real venue.`)
        : permit('paper', origin);
    case 'live':
      if (!rules.liveTradingEnabled)
        return refusal(
          'LIVE_TRADING_DISABLED',
          'This deployment does not send real orders: SWITCHYARD_LIVE_TRADING is off.',
        );
      return listed([rules.venue.live]) || listed(rules.allowedLiveOrigins)
        ? permit('live', origin)
        : refusal(
            'LIVE_ORIGIN_NOT_ALLOWED',
            `A live account may not use ${origin}: it is neither the venue's own nor allow-listed.`,
          );
  }
};

const refusal = (code: OriginRefusalCode, message: string): OriginRefusal => ({ kind: 'refused', code, message });

const permit = (
  mode: 'paper' | 'live',
  origin: string,
): { readonly kind: 'permitted'; readonly permit: OriginPermit } => ({
  kind: 'permitted',
  permit: { mode, origin } as OriginPermit,
});
