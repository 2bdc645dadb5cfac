import type { OnModuleInit } from '@nestjs/common';
import type { MarketSnapshot } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import { MarketBoard } from '@switchyard/signal';

/** The prices that orders are sized and reserved by: the topic of books, read to its end before the first order is decided. */
export class MarketPrices implements OnModuleInit {
  readonly board: MarketBoard;

  constructor(
    private readonly log: Pick<EventLog<never>, 'tail'>,
    freshMs: number,
  ) {
    this.board = new MarketBoard(freshMs);
  }

  onModuleInit(): Promise<void> {
    return this.log.tail('MarketSnapshot', ({ payload }: { readonly payload: MarketSnapshot }) => {
      this.board.put(payload);
    });
  }
}
