import { decimal } from '@switchyard/money';
import type { Refusal } from '../../core/refusal.js';
import { json } from '../answering.js';
import type { VenueReply } from '../dialect.js';
import type { RefusalWords } from '../placing.js';

/** An error of Coinbase's gateway, or its no to an order. Thrown inside the dialect only; `handle` turns it into a reply. */
export abstract class CoinbaseError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  get text(): string {
    return `${this.code} ${this.message}`;
  }

  abstract reply(): VenueReply;
}

class GatewayError extends CoinbaseError {
  constructor(
    code: string,
    message: string,
    readonly status: number,
  ) {
    super(code, message);
  }

  reply(): VenueReply {
    return json(this.status, { error: this.code, error_details: this.message, message: this.message });
  }
}

/** The one that is no JSON. It never says what was wrong with the token. */
class Unauthorized extends CoinbaseError {
  constructor() {
    super('401', 'Unauthorized');
  }

  reply(): VenueReply {
    return { status: 401, body: 'Unauthorized' };
  }
}

class TooManyRequests extends CoinbaseError {
  constructor() {
    super('rate_limit_exceeded', 'Too many requests');
  }

  reply(): VenueReply {
    return json(429, { errors: [{ id: this.code, message: this.message }] });
  }
}

/**
 * An order that is not taken: told under a 200. Some reasons have a name of their own, some only one of the checks that come before
 * (`PREVIEW_...`), most have both.
 */
export class OrderRefused extends CoinbaseError {
  constructor(
    code: string,
    message: string,
    private readonly configuration: object = {},
  ) {
    super(code, message);
  }

  /** The same, said of this order. */
  of(configuration: object): OrderRefused {
    return new OrderRefused(this.code, this.message, configuration);
  }

  reply(): VenueReply {
    const isPreview = this.code.startsWith('PREVIEW_');
    const error = isPreview ? 'UNKNOWN_FAILURE_REASON' : this.code;
    return json(200, {
      success: false,
      failure_reason: 'UNKNOWN_FAILURE_REASON',
      order_id: '',
      error_response: {
        error,
        message: this.message,
        error_details: '',
        preview_failure_reason: isPreview
          ? this.code
          : BEFORE.has(this.code)
            ? `PREVIEW_${this.code}`
            : 'UNKNOWN_PREVIEW_FAILURE_REASON',
        new_order_failure_reason: error,
      },
      order_configuration: this.configuration,
    });
  }
}

/** An edit that is not taken: told under a 200, too. */
export class EditRefused extends CoinbaseError {
  reply(): VenueReply {
    const isPreview = this.code.startsWith('PREVIEW_');
    return json(200, {
      success: false,
      errors: [
        {
          edit_failure_reason: isPreview ? 'UNKNOWN_EDIT_ORDER_FAILURE_REASON' : this.code,
          preview_failure_reason: isPreview ? this.code : 'UNKNOWN_PREVIEW_FAILURE_REASON',
        },
      ],
    });
  }
}

/** Reasons that the checks before an order find, too. */
const BEFORE: ReadonlySet<string> = new Set([
  'INVALID_PRODUCT_ID',
  'INVALID_SIZE_PRECISION',
  'INVALID_PRICE_PRECISION',
  'INVALID_LIMIT_PRICE',
  'INVALID_LIMIT_PRICE_POST_ONLY',
  'INSUFFICIENT_FUND',
]);

export const errors = {
  unauthorized: () => new Unauthorized(),
  tooManyRequests: () => new TooManyRequests(),
  internal: () => new GatewayError('INTERNAL', 'internal error', 500),
  timeout: () => new GatewayError('DEADLINE_EXCEEDED', 'context deadline exceeded', 504),
  invalid: (what: string) => new GatewayError('INVALID_ARGUMENT', what, 400),
  unknownProduct: () => new GatewayError('NOT_FOUND', 'product not found', 404),
  unknownOrder: () => new GatewayError('NOT_FOUND', 'order with this orderID was not found', 404),
  noSuchPath: () => new GatewayError('NOT_FOUND', 'The paper exchange does not simulate this endpoint.', 404),
  unsupported: (message: string) => new OrderRefused('UNSUPPORTED_ORDER_CONFIGURATION', message),
  badConfiguration: (message: string) => new OrderRefused('PREVIEW_INVALID_ORDER_CONFIG', message),
  refusedByFault: () => new OrderRefused('COMMANDER_REJECTED_NEW_ORDER', 'The order was rejected'),
} as const;

/** Coinbase's answer to each of the core's refusals. */
const errorOf = ({ refused, facts }: Refusal): OrderRefused => {
  switch (refused) {
    case 'UNKNOWN_SYMBOL':
      return new OrderRefused('INVALID_PRODUCT_ID', 'Invalid product_id');
    case 'PRICE_OUT_OF_RANGE':
      return new OrderRefused('INVALID_LIMIT_PRICE', 'Limit price is invalid');
    case 'PRICE_OFF_GRID':
      return new OrderRefused('INVALID_PRICE_PRECISION', 'Too many decimals in order price');
    case 'QUANTITY_OUT_OF_RANGE':
      return decimal(facts['quantity'] ?? facts['quoteQuantity'] ?? '0').lt(decimal(facts['minimum'] ?? '0'))
        ? new OrderRefused('PREVIEW_INVALID_BASE_SIZE_TOO_SMALL', '')
        : new OrderRefused('PREVIEW_INVALID_BASE_SIZE_TOO_LARGE', '');
    case 'QUANTITY_OFF_GRID':
      return new OrderRefused('INVALID_SIZE_PRECISION', 'Too many decimals in order amount');
    case 'NOTIONAL_TOO_SMALL':
      return new OrderRefused('PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL', '');
    case 'TOO_MANY_OPEN_ORDERS':
      return new OrderRefused('COMMANDER_REJECTED_NEW_ORDER', 'Too many open orders');
    case 'DUPLICATE_CLIENT_ORDER_ID':
      return new OrderRefused('DUPLICATE_CLIENT_ORDER_ID', 'Duplicate client_order_id');
    case 'WOULD_TAKE':
      return new OrderRefused('INVALID_LIMIT_PRICE_POST_ONLY', 'Limit price would cross on a post-only order');
    case 'INSUFFICIENT_BALANCE':
      return new OrderRefused('INSUFFICIENT_FUND', 'Insufficient balance in source account');
  }
};

/** The same of an edit: by the name that the checks of a new order have for it. */
export const editErrorOf = (refusal: Refusal): EditRefused => {
  const { code, message } = errorOf(refusal);
  return new EditRefused(BEFORE.has(code) ? `PREVIEW_${code}` : code, message);
};

export const refusalWords: RefusalWords<OrderRefused> = {
  of: errorOf,
  asked: (code, message) => {
    const standard = errors.refusedByFault();
    return new OrderRefused(code === undefined ? standard.code : String(code), message ?? standard.message);
  },
};
