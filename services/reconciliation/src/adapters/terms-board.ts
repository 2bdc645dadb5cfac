import type { OnModuleInit } from '@nestjs/common';
import type { MarketSnapshot } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import { ceilTo, decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { PairTerms } from '@switchyard/position-domain';

interface Entry {
  readonly snapshot: MarketSnapshot;
  terms?: PairTerms;
}

/** What each venue demands of orders in each pair, from its newest snapshot: read whole before the first event is handled. */
export class TermsBoard implements OnModuleInit {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly log: Pick<EventLog, 'tail'>) {}

  async onModuleInit(): Promise<void> {
    await this.log.tail('MarketSnapshot', ({ payload }) => {
      this.put(payload);
    });
  }

  put(snapshot: MarketSnapshot): void {
    const key = `${snapshot.venue}/${snapshot.pair}`;
    const known = this.#entries.get(key);
    if (known === undefined || known.snapshot.version < snapshot.version) this.#entries.set(key, { snapshot });
  }

  /** Undefined where the venue never showed the pair. */
  termsOf(venue: string, pair: string): PairTerms | undefined {
    const entry = this.#entries.get(`${venue}/${pair}`);
    return entry && (entry.terms ??= termsOf(entry.snapshot));
  }
}

const termsOf = ({ instrument, bids, asks }: MarketSnapshot): PairTerms => {
  const lot = decimal(instrument.lotSize);
  const price = bids[0]?.[0] ?? asks[0]?.[0];
  const byValue = price === undefined ? ZERO : ceilTo(decimal(instrument.minNotional).div(decimal(price)), lot);
  return {
    venueSymbol: instrument.venueSymbol,
    base: instrument.base,
    quote: instrument.quote,
    smallest: plain([lot, decimal(instrument.minQuantity), byValue].reduce(larger)),
  };
};

const larger = (a: Decimal, b: Decimal): Decimal => (a.gt(b) ? a : b);
