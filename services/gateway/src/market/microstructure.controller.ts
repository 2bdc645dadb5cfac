import { Controller, Get, Inject, Param, UseGuards } from '@nestjs/common';
import { BearerGuard, Problem } from '@switchyard/http';
import { microstructureOf, type Microstructure } from '@switchyard/model';
import type { MarketFlowView } from '../openapi/market-flow.js';
import { flowView } from './flow-view.js';
import { ListedMarket } from './listed-market.js';

export interface MicrostructureView {
  readonly venue: string;
  readonly pair: string;
  readonly receivedAt: string;
  readonly ageMs: number;
  /** Whether the book is too old to decide by: a decision would not use it. */
  readonly stale: boolean;
  readonly bookHash: string;
  /** Null: the book is empty, one-sided or crossed. */
  readonly figures: Microstructure | null;
  /** Null: the venue has told of no trades yet. */
  readonly flow: MarketFlowView;
}

/** Computed from the newest book when somebody asks; what traded comes with it. */
@UseGuards(BearerGuard)
@Controller('v1/microstructure')
export class MicrostructureController {
  constructor(@Inject(ListedMarket) private readonly market: ListedMarket) {}

  @Get(':venue/:pair')
  find(@Param('venue') venue: string, @Param('pair') pair: string): MicrostructureView {
    const snapshot = this.market.snapshot(venue, pair);
    const quote = snapshot === undefined ? undefined : this.market.quote(venue, snapshot.pair);
    if (snapshot === undefined || quote === undefined)
      throw new Problem(
        'NOT_FOUND',
        'No book of this pair has come from this venue; /execution/venues lists what has.',
        {
          facts: { venue, pair },
        },
      );
    const now = Date.now();
    return {
      venue,
      pair,
      receivedAt: snapshot.receivedAt,
      ageMs: Math.max(0, now - Date.parse(snapshot.receivedAt)),
      stale: !this.market.isFresh(quote, now),
      bookHash: snapshot.bookHash,
      figures: microstructureOf(snapshot) ?? null,
      flow: flowView(snapshot.flow, now),
    };
  }
}
