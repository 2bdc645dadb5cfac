import { decimal } from '@switchyard/money';
import type { Refusal } from '../../core/refusal.js';
import type { RefusalWords } from '../placing.js';

/**
 * An error of KuCoin's API: its code, its words and its HTTP status. The list: https://www.kucoin.com/docs/basic-info/errors-code/spot-errors-code;
 * words that the list leaves open are those that ccxt has met (the comments of its `exceptions`). Thrown inside the dialect only.
 */
export class KucoinError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 200,
  ) {
    super(message);
  }

  get text(): string {
    return `${this.code} ${this.message}`;
  }
}

const parameter = (message: string): KucoinError => new KucoinError('400100', message, 400);

export const errors = {
  // Headers.
  noHeader: () =>
    new KucoinError(
      '400001',
      'Any of KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, KC-API-PASSPHRASE is missing in your request header',
      401,
    ),
  late: () => new KucoinError('400002', 'KC-API-TIMESTAMP Invalid', 401),
  unknownKey: () => new KucoinError('400003', 'KC-API-KEY not exists', 401),
  wrongPassphrase: () => new KucoinError('400004', 'KC-API-PASSPHRASE error', 401),
  badSignature: () => new KucoinError('400005', 'Signature error', 401),
  badKeyVersion: () => new KucoinError('400009', 'Invalid KC-API-KEY-VERSION.', 401),
  // The request.
  badContentType: () => new KucoinError('415000', 'Unsupported Media Type', 415),
  badJson: () => parameter('Bad Request'),
  missing: (name: string) => parameter(`validation.createOrder.${name}IsRequired`),
  bad: (name: string) => parameter(`${name} is invalid`),
  badSymbol: () => parameter('Unsupported trading pair.'),
  noSuchPath: () => new KucoinError('404000', 'Url Not Found', 404),
  // Orders.
  unknownOrder: () => parameter('order_not_exist'),
  notOpen: () => parameter('order_not_exist_or_not_allow_to_cancel'),
  /** KuCoin documents that such an order fails, and no words for it: these are nobody's. */
  windowPassed: () => parameter('clientTimestamp + allowMaxTimeWindow has passed'),
  refusedByFault: () => new KucoinError('200001', 'Order creation for this pair suspended'),
  // The venue's own failures.
  internal: () => new KucoinError('500000', 'Internal Server Error', 500),
  timeout: () => new KucoinError('408000', 'Network timeout, please try again later', 504),
} as const;

/** KuCoin's answer to each of the core's refusals. */
export const errorOf = ({ refused, facts }: Refusal): KucoinError => {
  switch (refused) {
    case 'UNKNOWN_SYMBOL':
      return errors.badSymbol();
    case 'PRICE_OUT_OF_RANGE':
      return parameter('price not in the given range!');
    case 'PRICE_OFF_GRID':
      return new KucoinError('600100', 'Price increment invalid.');
    case 'QUANTITY_OUT_OF_RANGE':
      return decimal(facts['quantity'] ?? facts['quoteQuantity'] ?? '0').lt(decimal(facts['minimum'] ?? '0'))
        ? parameter('Order size below the minimum requirement.')
        : parameter('size not in the given range!');
    case 'NOTIONAL_TOO_SMALL':
      return new KucoinError('600101', `The order funds should more then ${facts['minimum'] ?? ''} USDT.`);
    case 'QUANTITY_OFF_GRID':
      return new KucoinError('600100', 'Order size increment invalid.');
    case 'TOO_MANY_OPEN_ORDERS':
      return new KucoinError('200003', 'Number of orders breached the limit');
    case 'DUPLICATE_CLIENT_ORDER_ID':
      return parameter('validation.createOrder.clientOidDuplicated');
    case 'INSUFFICIENT_BALANCE':
      return new KucoinError('200004', 'Balance insufficient!');
    case 'WOULD_TAKE':
      throw new Error('a post-only order that would take is accepted here, and over at once');
  }
};

export const refusalWords: RefusalWords<KucoinError> = {
  of: errorOf,
  asked: (code, message) => {
    const standard = errors.refusedByFault();
    return code === undefined ? standard : new KucoinError(String(code), message ?? standard.message);
  },
};
