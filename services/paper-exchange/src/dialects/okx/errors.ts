import { decimal } from '@switchyard/money';
import type { Refusal } from '../../core/refusal.js';
import type { RefusalWords } from '../placing.js';

/**
 * An error of OKX's API: its code, its HTTP status and its very words (https://www.okx.com/docs-v5/en/#error-code). Thrown inside the
 * dialect only; `handle` turns it into a reply. What befalls an order is told in the row that answers for it (`OrderError`).
 */
export class OkxError extends Error {
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

/** An error that is told as `sCode` and `sMsg`, under the code "1". */
export class OrderError extends OkxError {}

export const errors = {
  // Headers.
  noKey: () => new OkxError('50103', 'Request header "OK-ACCESS-KEY" cannot be empty.', 401),
  noPassphrase: () => new OkxError('50104', 'Request header "OK-ACCESS-PASSPHRASE" cannot be empty.', 401),
  wrongPassphrase: () => new OkxError('50105', 'Request header "OK-ACCESS-PASSPHRASE" incorrect.', 401),
  noSignature: () => new OkxError('50106', 'Request header "OK-ACCESS-SIGN" cannot be empty.', 401),
  noTimestamp: () => new OkxError('50107', 'Request header "OK-ACCESS-TIMESTAMP" cannot be empty.', 401),
  badTimestamp: () => new OkxError('50112', 'Invalid OK-ACCESS-TIMESTAMP.', 401),
  badSignature: () => new OkxError('50113', 'Invalid signature.', 401),
  wrongEnvironment: () => new OkxError('50101', 'APIKey does not match current environment.', 401),
  unknownKey: () => new OkxError('50119', "API key doesn't exist"),
  late: () => new OkxError('50102', 'Timestamp request expired.', 401),
  expired: () =>
    new OkxError(
      '50036',
      "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
    ),
  // The request.
  noBody: () => new OkxError('50000', 'Body for POST request cannot be empty.', 400),
  badJson: () => new OkxError('50002', 'JSON syntax error', 400),
  badContentType: () => new OkxError('50006', 'Invalid Content-Type. Please use "application/JSON".', 400),
  missing: (name: string) => new OkxError('50014', `Parameter ${name} can not be empty.`, 400),
  bad: (name: string) => new OkxError('51000', `Parameter ${name} error`, 400),
  badSymbol: () => new OkxError('51001', "Instrument ID or Spread ID doesn't exist."),
  noOrderNamed: () => new OkxError('51003', 'Either client order ID or order ID is required.'),
  unknownOrder: () => new OkxError('51603', 'Order does not exist.'),
  noSuchPath: () => new OkxError('50005', 'API endpoint is inactive or unavailable.', 410),
  // Orders.
  notSpotMode: () => new OrderError('51010', 'Request unsupported under current account mode'),
  noPrice: () => new OrderError('51204', 'The price for the limit order cannot be empty.'),
  notOpen: () =>
    new OrderError('51400', 'Order cancellation failed as the order has been filled, canceled or does not exist.'),
  nothingToAmend: () => new OrderError('51500', 'You must enter a price, quantity, or TP/SL'),
  notAmendable: () => new OrderError('51503', 'Your order has already been filled or canceled.'),
  refusedByFault: () => new OrderError('51124', 'You can only place limit orders during call auction.'),
  // The venue's own failures.
  internal: () => new OkxError('50026', 'System error. Try again later', 500),
  rateLimited: () => new OkxError('50011', 'Too Many Requests', 429),
  timeout: () =>
    new OkxError(
      '50004',
      'API endpoint request timeout. (does not mean that the request was successful or failed, please check the request result).',
      504,
    ),
} as const;

/** OKX's answer to each of the core's refusals. */
export const errorOf = ({ refused, facts }: Refusal): OrderError => {
  switch (refused) {
    case 'UNKNOWN_SYMBOL':
      return new OrderError('51001', "Instrument ID or Spread ID doesn't exist.");
    case 'PRICE_OUT_OF_RANGE':
      return new OrderError('51116', `Order price or trigger price exceeds ${facts['price'] ?? ''}.`);
    case 'PRICE_OFF_GRID':
      return new OrderError('51150', 'The precision of the number of trades or the price exceeds the limit.');
    case 'QUANTITY_OUT_OF_RANGE':
      return decimal(facts['quantity'] ?? facts['quoteQuantity'] ?? '0').lt(decimal(facts['minimum'] ?? '0'))
        ? new OrderError('51020', 'Your order should meet or exceed the minimum order amount.')
        : new OrderError('51005', 'Your order amount exceeds the max order amount.');
    case 'NOTIONAL_TOO_SMALL':
      return new OrderError('51020', 'Your order should meet or exceed the minimum order amount.');
    case 'QUANTITY_OFF_GRID':
      return new OrderError('51121', 'Order quantity must be a multiple of the lot size.');
    case 'TOO_MANY_OPEN_ORDERS':
      return new OrderError(
        '51102',
        `Order failed, the number of pending orders for this instId can't be more than ${MAX_OPEN_ORDERS} (orders)`,
      );
    case 'DUPLICATE_CLIENT_ORDER_ID':
      return new OrderError('51016', 'Client order ID already exists.');
    case 'WOULD_TAKE':
      return new OrderError(
        '51511',
        'Modification failed as the order price did not meet the requirement for Post Only.',
      );
    case 'INSUFFICIENT_BALANCE':
      return new OrderError('51008', `Order failed. Insufficient ${facts['asset'] ?? ''} balance in account`);
  }
};

/** Pending orders of one instrument: https://www.okx.com/docs-v5/en/#overview-rate-limits */
export const MAX_OPEN_ORDERS = 500;

export const refusalWords: RefusalWords<OrderError> = {
  of: errorOf,
  asked: (code, message) => {
    const standard = errors.refusedByFault();
    return code === undefined ? standard : new OrderError(String(code), message ?? standard.message);
  },
};
