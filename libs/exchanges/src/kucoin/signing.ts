import type { CcxtClass, CcxtExchange } from '../ccxt/exchange.js';

interface Signing extends CcxtExchange {
  sign(
    path: string,
    api: string,
    method: string,
    params: Readonly<Record<string, unknown>>,
    ...rest: readonly unknown[]
  ): unknown;
}

/**
 * An order's own window counts from `clientTimestamp`, which must be the very time of its signature: ccxt draws that while it signs. Here
 * both are drawn in one step, for requests that name a window (`allowMaxTimeWindow`).
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
      if (params['allowMaxTimeWindow'] === undefined) return super.sign(path, api, method, params, ...rest);
      const { nonce } = this;
      const clientTimestamp = nonce();
      // Read by ccxt's own `sign` in this very step: two calls at once cannot take each other's.
      this.nonce = () => clientTimestamp;
      try {
        return super.sign(path, api, method, { ...params, clientTimestamp }, ...rest);
      } finally {
        this.nonce = nonce;
      }
    }
  };
};
