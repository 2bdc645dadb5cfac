import type { Refusal } from '../../core/refusal.js';
import type { OrderRequest } from '../../core/order.js';
import type { RefusalWords } from '../placing.js';

/**
 * An error of Alpaca's trading API: HTTP status, code and words; a gateway's has no code. Codes are documented
 * (https://docs.alpaca.markets/docs/working-with-orders), words are those that were seen; where neither is known, the words are ours and
 * the code is that of its kind. Thrown inside the dialect only.
 */
export class AlpacaError extends Error {
  constructor(
    readonly status: number,
    readonly code: number | undefined,
    message: string,
    /** What stands beside code and message in the answer. */
    readonly more: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  get text(): string {
    return `${this.code ?? this.status} ${this.message}`;
  }
}

const bad = (message: string): AlpacaError => new AlpacaError(422, 40010001, message);
const unprocessable = (message: string): AlpacaError => new AlpacaError(422, 42210000, message);
const forbidden = (message: string, more?: Readonly<Record<string, string>>): AlpacaError =>
  new AlpacaError(403, 40310000, message, more);

export const errors = {
  unauthorized: () => new AlpacaError(401, 40110000, 'request is not authorized'),
  wrongSecret: () => new AlpacaError(403, undefined, 'forbidden.'),
  required: (name: string) => bad(`${name} is required`),
  bad,
  unprocessable,
  badOrderType: () => bad('invalid order type for crypto order'),
  badTimeInForce: () => unprocessable('invalid crypto time_in_force'),
  noSuchAsset: (symbol: string) => unprocessable(`asset not found for ${symbol}`),
  tooCheap: () => forbidden('cost basis must be >= minimal amount of order 10'),
  orderNotFound: (id: string) => new AlpacaError(404, 40410000, `order not found for ${id}`),
  alreadyIn: (status: string) => unprocessable(`order is already in "${status}" state`),
  accountLimit: () => new AlpacaError(429, 42910000, 'rate limit exceeded'),
  addressLimit: () => new AlpacaError(429, undefined, 'too many requests.'),
  internal: () => new AlpacaError(500, 50010000, 'internal server error occurred'),
  timeout: () => new AlpacaError(504, undefined, 'upstream request timeout'),
  noSuchPath: () => new AlpacaError(404, undefined, 'endpoint not found.'),
  badSymbol: (symbol: string) =>
    new AlpacaError(400, undefined, `invalid symbol: ${symbol} does not match ^[A-Z]+x?/[A-Z]+$`),
  refusedByFault: () => forbidden('new orders are rejected by user request'),
} as const;

const errorOf = ({ refused, facts }: Refusal, symbol: string): AlpacaError => {
  switch (refused) {
    case 'UNKNOWN_SYMBOL':
      return errors.noSuchAsset(symbol);
    case 'PRICE_OUT_OF_RANGE':
    case 'PRICE_OFF_GRID':
      return unprocessable(`invalid limit_price ${facts['price'] ?? ''}`);
    case 'QUANTITY_OUT_OF_RANGE':
    case 'QUANTITY_OFF_GRID':
      return bad(`qty must be >= ${facts['minimum'] ?? facts['lot'] ?? ''}`);
    case 'NOTIONAL_TOO_SMALL':
      return errors.tooCheap();
    case 'TOO_MANY_OPEN_ORDERS':
      return forbidden('too many open orders');
    case 'DUPLICATE_CLIENT_ORDER_ID':
      return bad('client_order_id must be unique');
    case 'WOULD_TAKE':
      throw new Error('Alpaca has no post-only orders.');
    case 'INSUFFICIENT_BALANCE': {
      const { asset = '', free = '0', needed = '0' } = facts;
      const words = `insufficient balance for ${asset} (requested: ${needed}, available: ${free})`;
      return forbidden(words, { available: free, balance: free, symbol: 'USD' });
    }
  }
};

export const refusalWords = ({ symbol }: Pick<OrderRequest, 'symbol'>): RefusalWords<AlpacaError> => ({
  of: (refusal) => errorOf(refusal, symbol),
  asked: (code, message) => {
    const usual = errors.refusedByFault();
    return new AlpacaError(usual.status, code === undefined ? usual.code : Number(code), message ?? usual.message);
  },
});
