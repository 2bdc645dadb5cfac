import { decimal, type Decimal } from '@switchyard/money';
import { quoteOf, type Currency, type Pair } from '@switchyard/model';
import type { Market } from '@switchyard/signal';

const ONE = decimal('1');

/**
 * What limits value everything at, in US dollars: the median of the venues' mids, each looked up once a decision. Where no book is fresh
 * the last one that is known counts: what is held does not lose its worth because a feed is down.
 */
export class Prices {
  readonly #mids = new Map<Pair, Decimal | undefined>();

  constructor(
    private readonly market: Pick<Market, 'mid' | 'quotes'>,
    private readonly nowMs: number,
  ) {}

  /** US dollars per unit of a pair's base; undefined where nobody ever priced it. */
  worthOf(pair: Pair): Decimal | undefined {
    const mid = this.mid(pair);
    const quote = quoteOf(pair);
    if (mid === undefined || quote === 'USD') return mid;
    const rate = this.dollarsPer(quote);
    return rate === undefined ? undefined : mid.times(rate);
  }

  /** US dollars per unit of a currency. USDT counts one for one, as everywhere in risk, where no venue lists it against the dollar. */
  dollarsPer(currency: Currency): Decimal | undefined {
    if (currency === 'USD') return ONE;
    return this.mid(`${currency}-USD`) ?? (currency === 'USDT' ? ONE : undefined);
  }

  private mid(pair: Pair): Decimal | undefined {
    if (this.#mids.has(pair)) return this.#mids.get(pair);
    const mid = this.market.mid(pair, this.nowMs) ?? this.market.quotes(pair).find((quote) => quote.mid)?.mid;
    this.#mids.set(pair, mid);
    return mid;
  }
}
