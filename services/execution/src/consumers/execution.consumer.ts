import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type {
  AccountPolicyChanged,
  OrderCancelRequested,
  OrderRouted,
  TradingStateChanged,
  VenueStateRequested,
} from '@switchyard/contracts';
import type { Batch } from '@switchyard/log';
import { Consume } from '@switchyard/runtime';
import type { ExecutionEffect } from '../tasks/effects.js';
import { taskOfOrder, taskOfStateRequest } from '../tasks/task.js';

/** Every event becomes rows of the executor's own tables, in the transaction that marks it as seen. */
@Controller()
export class ExecutionConsumer {
  @Consume<OrderRouted>({ topic: 'OrderRouted.{venue}' })
  onOrderRouted(@Payload() batch: Batch<OrderRouted>): void {
    batch.each((event, unit) => {
      unit.effect({ kind: 'enqueue', task: taskOfOrder(event) } satisfies ExecutionEffect);
    });
  }

  @Consume<VenueStateRequested>({ topic: 'VenueStateRequested.{venue}' })
  onVenueStateRequested(@Payload() batch: Batch<VenueStateRequested>): void {
    batch.each((event, unit) => {
      unit.effect({ kind: 'enqueue', task: taskOfStateRequest(event) } satisfies ExecutionEffect);
    });
  }

  /** Not this venue's alone: whoever has the order, or gets it later, finds its cancel. */
  @Consume<OrderCancelRequested>({ topic: 'OrderCancelRequested', overtakes: true })
  onOrderCancelRequested(@Payload() batch: Batch<OrderCancelRequested>): void {
    batch.each((event, unit) => {
      unit.effect({ kind: 'cancel', cancel: event.payload } satisfies ExecutionEffect);
    });
  }

  /** Of every scope but other venues'. */
  @Consume<TradingStateChanged>({ topic: 'TradingStateChanged', numbering: 'compacted', overtakes: true })
  onTradingStateChanged(@Payload() batch: Batch<TradingStateChanged>): void {
    batch.each((event, unit) => {
      unit.effect({ kind: 'state', change: event.payload } satisfies ExecutionEffect);
    });
  }

  @Consume<AccountPolicyChanged>({ topic: 'AccountPolicyChanged', numbering: 'compacted' })
  onAccountPolicyChanged(@Payload() batch: Batch<AccountPolicyChanged>): void {
    batch.each((event, unit) => {
      unit.effect({ kind: 'policy', policy: event.payload } satisfies ExecutionEffect);
    });
  }
}
