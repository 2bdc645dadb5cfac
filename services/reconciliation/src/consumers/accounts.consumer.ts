import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type {
  AccountPolicyChanged,
  OrderCancelled,
  OrderExpired,
  OrderFailed,
  OrderFilled,
  OrderPlaced,
  VenueStateReported,
} from '@switchyard/contracts';
import type { Batch, DocumentRef, LogEvent } from '@switchyard/log';
import { Consume } from '@switchyard/runtime';
import { accountRef, userRef } from '../handlers/account-document.js';
import { CompareState } from '../handlers/compare-state.js';
import { KeepBooks } from '../handlers/keep-books.js';

const accountOf = ({ payload }: LogEvent<{ readonly accountId?: string | undefined }>): readonly DocumentRef[] =>
  payload.accountId === undefined ? [] : [accountRef(payload.accountId)];

/** In this order within a transaction: policies before orders, acknowledgements before ends, events of orders before reports. */
/** Positions are for people and for the next comparison: no order waits for them. */
const PATIENCE_MS = 25;

@Controller()
export class AccountsConsumer {
  constructor(
    private readonly books: KeepBooks,
    private readonly compare: CompareState,
  ) {}

  @Consume<AccountPolicyChanged>({
    topic: 'AccountPolicyChanged',
    numbering: 'compacted',
    reads: ({ payload }) => [
      userRef(payload.userId),
      ...payload.accounts.map(({ accountId }) => accountRef(accountId)),
    ],
  })
  onAccountPolicyChanged(@Payload() batch: Batch<AccountPolicyChanged>): void {
    batch.each(({ payload }, unit) => {
      this.books.policy(payload, unit);
    });
  }

  @Consume<OrderPlaced>({ topic: 'OrderPlaced', patienceMs: PATIENCE_MS, reads: accountOf })
  onOrderPlaced(@Payload() batch: Batch<OrderPlaced>): void {
    batch.each(({ payload }, unit) => {
      this.books.placed(payload, unit);
    });
  }

  @Consume<OrderFilled>({ topic: 'OrderFilled', patienceMs: PATIENCE_MS, reads: accountOf })
  onOrderFilled(@Payload() batch: Batch<OrderFilled>): void {
    batch.each(({ payload }, unit) => {
      this.books.filled(payload, unit);
    });
  }

  @Consume<OrderFailed>({ topic: 'OrderFailed', patienceMs: PATIENCE_MS, reads: accountOf })
  onOrderFailed(@Payload() batch: Batch<OrderFailed>): void {
    batch.each(({ payload }, unit) => {
      this.books.ended(payload, payload.failedAt, unit);
    });
  }

  @Consume<OrderCancelled>({ topic: 'OrderCancelled', patienceMs: PATIENCE_MS, reads: accountOf })
  onOrderCancelled(@Payload() batch: Batch<OrderCancelled>): void {
    batch.each(({ payload }, unit) => {
      this.books.ended(payload, payload.cancelledAt, unit);
    });
  }

  @Consume<OrderExpired>({ topic: 'OrderExpired', patienceMs: PATIENCE_MS, reads: accountOf })
  onOrderExpired(@Payload() batch: Batch<OrderExpired>): void {
    batch.each(({ payload }, unit) => {
      this.books.ended(payload, payload.expiredAt, unit);
    });
  }

  @Consume<VenueStateReported>({ topic: 'VenueStateReported', patienceMs: PATIENCE_MS, reads: accountOf })
  onVenueStateReported(@Payload() batch: Batch<VenueStateReported>): void {
    batch.each(({ payload }, unit) => {
      this.compare.reported(payload, unit);
    });
  }
}
