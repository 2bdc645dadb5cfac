import type { CcxtClass, CcxtExchange } from '../ccxt/exchange.js';

interface Signed {
  readonly url: string;
  readonly method: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

interface Signing extends CcxtExchange {
  sign(
    path: string,
    api: string,
    method: string,
    params: Readonly<Record<string, unknown>>,
    ...rest: readonly unknown[]
  ): Signed;
}

/**
 * ccxt's class has no place for OKX's own expiry of a request, a header beside the signature: `expTime` among a request's parameters goes
 * there, and is no parameter on the wire. https://www.okx.com/docs-v5/en/#overview-transaction-timeouts-rest-api
 */
export const withExpiry = (base: CcxtClass): CcxtClass => {
  const Base = base as new (config: Readonly<Record<string, unknown>>) => Signing;
  return class extends Base {
    override sign(
      path: string,
      api: string,
      method: string,
      params: Readonly<Record<string, unknown>>,
      ...rest: readonly unknown[]
    ): Signed {
      const { expTime, ...sent } = params;
      const request = super.sign(path, api, method, sent, ...rest);
      return typeof expTime === 'number'
        ? { ...request, headers: { ...request.headers, expTime: String(expTime) } }
        : request;
    }
  };
};
