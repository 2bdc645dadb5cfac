import type { Refusal } from '../../core/refusal.js';
import type { RefusalWords } from '../placing.js';

/**
 * An error of Kraken's API in its very words (https://docs.kraken.com/api/docs/guides/spot-errors): a string with a category, answered with
 * HTTP 200. Thrown inside the dialect only.
 */
export class KrakenError extends Error {
  get text(): string {
    return this.message;
  }
}

const argument = (name?: string): KrakenError =>
  new KrakenError(name === undefined ? 'EGeneral:Invalid arguments' : `EGeneral:Invalid arguments:${name}`);

export const errors = {
  argument,
  unknownMethod: () => new KrakenError('EGeneral:Unknown method'),
  badKey: () => new KrakenError('EAPI:Invalid key'),
  badSignature: () => new KrakenError('EAPI:Invalid signature'),
  badNonce: () => new KrakenError('EAPI:Invalid nonce'),
  unknownPair: () => new KrakenError('EQuery:Unknown asset pair'),
  tooLate: () => new KrakenError('EService:Deadline elapsed'),
  /** There was such an order, and it is not open. */
  unknownOrder: () => new KrakenError('EOrder:Unknown order'),
  /** There never was one. */
  invalidOrder: () => new KrakenError('EOrder:Invalid order'),
} as const;

/** Kraken's answer to each of the core's refusals. */
const errorOf = ({ refused, facts }: Refusal): KrakenError => {
  switch (refused) {
    case 'UNKNOWN_SYMBOL':
      return errors.unknownPair();
    case 'PRICE_OUT_OF_RANGE':
      return new KrakenError('EOrder:Invalid price');
    case 'PRICE_OFF_GRID':
      return new KrakenError('EOrder:Tick size check failed');
    case 'QUANTITY_OUT_OF_RANGE':
      return Number(facts['quantity']) < Number(facts['minimum'])
        ? new KrakenError('EOrder:Order minimum not met')
        : argument('volume');
    case 'QUANTITY_OFF_GRID':
      return argument('volume');
    case 'NOTIONAL_TOO_SMALL':
      return new KrakenError('EOrder:Cost minimum not met');
    case 'TOO_MANY_OPEN_ORDERS':
      return new KrakenError('EOrder:Orders limit exceeded');
    case 'DUPLICATE_CLIENT_ORDER_ID':
      return argument('cl_ord_id not unique');
    case 'WOULD_TAKE':
      return new KrakenError('EOrder:Post only order');
    case 'INSUFFICIENT_BALANCE':
      return new KrakenError('EOrder:Insufficient funds');
  }
};

export const refusalWords: RefusalWords<KrakenError> = {
  of: errorOf,
  // Kraken has words alone: a code stands for them.
  asked: (code, message) =>
    new KrakenError(message ?? (code === undefined ? 'EService:Market in post_only mode' : String(code))),
};
