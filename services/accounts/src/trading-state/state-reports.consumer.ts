import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { TradingStateApplied } from '@switchyard/contracts';
import type { Batch, EffectsPort } from '@switchyard/log';
import type { Tx } from '@switchyard/persistence';
import { Consume } from '@switchyard/runtime';
import { storeReports } from '../store/trading-states.js';

/** What the executors say of the states that they keep. */
@Controller()
export class StateReportsConsumer {
  @Consume<TradingStateApplied>({ topic: 'TradingStateApplied' })
  onTradingStateApplied(@Payload() batch: Batch<TradingStateApplied>): void {
    batch.each(({ payload }, unit) => {
      unit.effect(payload);
    });
  }
}

/** Keeps of each venue the newest word on each scope, in the stage's own transaction. */
export class StateReportsTable implements EffectsPort<Tx> {
  async apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    await storeReports(tx, effects as readonly TradingStateApplied[]);
  }
}
