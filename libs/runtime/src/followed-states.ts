import type { OnModuleInit } from '@nestjs/common';
import type { TradingStateChanged } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';

/**
 * Trading states as a service that decides has them: in memory, read to the end before its first event is decided, followed from there on.
 * They refuse early; what holds is what the executors keep in their own schemas.
 */
export class FollowedStates implements OnModuleInit {
  constructor(
    private readonly log: Pick<EventLog<never>, 'tail'>,
    private readonly board: { put(change: TradingStateChanged): unknown },
  ) {}

  onModuleInit(): Promise<void> {
    return this.log.tail('TradingStateChanged', ({ payload }: { readonly payload: TradingStateChanged }) => {
      this.board.put(payload);
    });
  }
}
