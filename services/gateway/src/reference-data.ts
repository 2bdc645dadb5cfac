import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { EventLog } from '@switchyard/log';
import type { AccountsProxy } from './accounts/accounts-proxy.js';
import type { VenueBoard } from './execution/venue-board.js';
import type { ListedMarket } from './market/listed-market.js';

/** Reads the compacted topics to their ends before the gateway serves, and lets go of what it holds at the end. */
export class ReferenceData implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly log: Pick<EventLog, 'tail'>,
    private readonly market: ListedMarket,
    private readonly board: VenueBoard,
    private readonly proxy: AccountsProxy,
  ) {}

  async onModuleInit(): Promise<void> {
    await Promise.all([this.market.follow(this.log), this.board.follow(this.log)]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.proxy.close();
  }
}
