import { Controller, Delete, Get, HttpCode, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { allows, type Permission, type Principal } from '@switchyard/auth';
import { BearerGuard, Caller, Problem, validated } from '@switchyard/http';
import { AuditTrail } from '../journal/audit-trail.js';
import type { Page } from '../journal/cursor.js';
import { readableUser } from '../journal/readable-user.js';
import { cancelQuery, ordersQuery, type CancelQuery, type OrdersQuery } from '../openapi/requests.js';
import { orderHistory, type HistoryEntry } from '../stories/order-history.js';
import { OrderRequests, type RequestedView } from './order-requests.js';
import type { OrderView } from './order-view.js';
import { Orders } from './orders.js';

@UseGuards(BearerGuard)
@Controller('v1/orders')
export class OrdersController {
  constructor(
    @Inject(Orders) private readonly orders: Orders,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(OrderRequests) private readonly requests: OrderRequests,
  ) {}

  @Get()
  list(@Caller() caller: Principal, @Query(validated(ordersQuery)) query: OrdersQuery): Promise<Page<OrderView>> {
    return this.orders.list(readableUser(caller, 'trading.read', query.userId), query);
  }

  @Get(':id')
  async find(
    @Caller() caller: Principal,
    @Param('id') id: string,
  ): Promise<OrderView & { readonly history: readonly HistoryEntry[] }> {
    const order = await this.orderOf(id, caller, 'trading.read');
    const records = await this.trail.ofSignal(order.signalId, order.userId);
    return { ...order, history: orderHistory(order, records) };
  }

  @Delete(':id')
  @HttpCode(202)
  async cancel(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query(validated(cancelQuery)) { reason }: CancelQuery,
  ): Promise<RequestedView> {
    return this.requests.cancel(await this.orderOf(id, caller, 'orders.change'), reason, caller);
  }

  private async orderOf(id: string, caller: Principal, permission: Permission): Promise<OrderView> {
    // Postgres takes no NUL in a text; no id has one.
    const order = id.includes('\0') ? undefined : await this.orders.find(id);
    // Somebody else's order and no order at all are answered alike: nobody can probe for ids.
    if (order === undefined || !allows(caller, permission, order.userId))
      throw new Problem('NOT_FOUND', 'There is no such order, or it is not yours.');
    return order;
  }
}
