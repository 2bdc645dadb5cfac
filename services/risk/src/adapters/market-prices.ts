import type { OnModuleInit } from '@nestjs/common';
import type { MarketSnapshot } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import { VolatilityBoard } from '@switchyard/risk-domain';
import { MarketBoard } from '@switchyard/signal';

/** The prices that orders are sized and reserved by: the topic of books, read to its end before the first order is decided. */
export class MarketPrices implements OnModuleInit {
  readonly board: MarketBoard;
  /** What was seen of the prices' movements since this process began. */
  readonly volatility: VolatilityBoard;

  constructor(
    private readonly log: Pick<EventLog<never>, 'tail'>,
    { freshMs, halfLifeMinutes }: { readonly freshMs: number; readonly halfLifeMinutes: number },
  ) {
    this.board = new MarketBoard(freshMs);
    this.volatility = new VolatilityBoard({ halfLifeMinutes });
  }

  onModuleInit(): Promise<void> {
    return this.log.tail('MarketSnapshot', ({ payload }: { readonly payload: MarketSnapshot }) => {
      this.board.put(payload);
      const atMs = Date.parse(payload.receivedAt);
      const mid = this.volatility.wants(payload.pair, atMs) ? this.board.mid(payload.pair, atMs) : undefined;
      if (mid !== undefined) this.volatility.put(payload.pair, Number(mid.toFixed()), atMs);
    });
  }
}
