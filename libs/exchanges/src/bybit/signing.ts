import type { CcxtClass, CcxtExchange } from '../ccxt/exchange.js';

interface Signing extends CcxtExchange {
  options: Record<string, unknown>;
  sign(
    path: string,
    api: string,
    method: string,
    params: Readonly<Record<string, unknown>>,
    ...rest: readonly unknown[]
  ): unknown;
}

/** What Bybit takes where a request names no window. */
const DEFAULT_WINDOW_MS = 5_000;

/**
 * ccxt's class signs all requests of an instance with one window, out of its options. Here each has its own: `recvWindow` among its
 * parameters goes into the header X-BAPI-RECV-WINDOW and into the signature, and is no parameter on the wire.
 */
export const withOwnWindows = (base: CcxtClass): CcxtClass => {
  const Base = base as new (config: Readonly<Record<string, unknown>>) => Signing;
  return class extends Base {
    override sign(
      path: string,
      api: string,
      method: string,
      params: Readonly<Record<string, unknown>>,
      ...rest: readonly unknown[]
    ): unknown {
      const { recvWindow = DEFAULT_WINDOW_MS, ...sent } = params;
      // Read by ccxt's own `sign` in this very step, so that two calls at once cannot take each other's.
      this.options['recvWindow'] = recvWindow;
      return super.sign(path, api, method, sent, ...rest);
    }
  };
};
