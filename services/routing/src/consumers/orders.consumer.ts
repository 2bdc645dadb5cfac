import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type {
  OrderApproved,
  OrderCancelRequested,
  OrderCancelled,
  OrderExpired,
  OrderFailed,
  OrderFilled,
} from '@switchyard/contracts';
import type { Batch, DocumentRef, LogEvent } from '@switchyard/log';
import { Consume } from '@switchyard/runtime';
import { factOfCancellation, factOfExpiry, factOfFailure, factOfFill } from '../handlers/child-fact.js';
import { parentRef } from '../handlers/parent-document.js';
import { RouteOrders } from '../handlers/route-orders.js';

const parentOf = ({ payload }: LogEvent<{ readonly parentOrderId: string }>): readonly DocumentRef[] => [
  parentRef(payload.parentOrderId),
];

/** Failures at stage `routing` are our own word about a parent. */
const isOfChild = ({ stage }: OrderFailed): boolean => stage === 'execution';

/** What was filled, and what it left, is booked in company: only a parent's end follows from it, and no order on its way to the venue waits for it. */
const PATIENCE_MS = 20;

@Controller()
export class OrdersConsumer {
  constructor(private readonly orders: RouteOrders) {}

  @Consume<OrderApproved>({ topic: 'OrderApproved', reads: parentOf })
  onOrderApproved(@Payload() batch: Batch<OrderApproved>): void {
    batch.each(({ payload }, unit) => {
      this.orders.approved(payload, unit);
    });
  }

  @Consume<OrderCancelRequested>({ topic: 'OrderCancelRequested', overtakes: true, reads: parentOf })
  onOrderCancelRequested(@Payload() batch: Batch<OrderCancelRequested>): void {
    batch.each(({ payload }, unit) => {
      this.orders.cancelRequested(payload, unit);
    });
  }

  @Consume<OrderFilled>({ topic: 'OrderFilled', patienceMs: PATIENCE_MS, reads: parentOf })
  onOrderFilled(@Payload() batch: Batch<OrderFilled>): void {
    batch.each((event, unit) => {
      this.orders.child(event, event.payload.parentOrderId, factOfFill(event.payload), unit);
    });
  }

  @Consume<OrderFailed>({
    topic: 'OrderFailed',
    reads: (event) => (isOfChild(event.payload) ? parentOf(event) : []),
  })
  onOrderFailed(@Payload() batch: Batch<OrderFailed>): void {
    batch.each((event, unit) => {
      if (isOfChild(event.payload))
        this.orders.child(event, event.payload.parentOrderId, factOfFailure(event.payload), unit);
    });
  }

  @Consume<OrderCancelled>({ topic: 'OrderCancelled', reads: parentOf })
  onOrderCancelled(@Payload() batch: Batch<OrderCancelled>): void {
    batch.each((event, unit) => {
      this.orders.child(event, event.payload.parentOrderId, factOfCancellation(event.payload), unit);
    });
  }

  @Consume<OrderExpired>({ topic: 'OrderExpired', reads: parentOf })
  onOrderExpired(@Payload() batch: Batch<OrderExpired>): void {
    batch.each((event, unit) => {
      this.orders.child(event, event.payload.parentOrderId, factOfExpiry(event.payload), unit);
    });
  }
}
