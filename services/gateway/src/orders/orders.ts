import type { Queryable } from '@switchyard/persistence';
import { z } from 'zod';
import { Conditions } from '../journal/conditions.js';
import { decodeCursor, pageOf, type Page } from '../journal/cursor.js';
import type { OrdersQuery } from '../openapi/requests.js';
import { orderView, type FillSum, type OrderColumns, type OrderView } from './order-view.js';

/** Reads orders from the journal's lists, newest first: a page costs three indexed queries, whatever its filters. */
export class Orders {
  constructor(private readonly db: Queryable) {}

  /** @param userId whose; undefined: everybody's */
  async list(userId: string | undefined, query: OrdersQuery): Promise<Page<OrderView>> {
    const after = decodeCursor(AFTER, query.cursor);
    const conditions = new Conditions()
      .add('user_id = ?', userId)
      .add('status = ?', query.status)
      .add('venue = ?', query.venue)
      .add('pair = ?', query.pair)
      .add('signal_id = ?', query.signalId)
      .add('parent_order_id = ? and order_id <> parent_order_id', query.parentOrderId)
      .add('client_order_id = ?', query.clientOrderId)
      .add('venue_order_id = ?', query.venueOrderId)
      .add('(order_id = parent_order_id) = ?', query.level === undefined ? undefined : query.level === 'parent')
      .add('created_at >= ?', query.from)
      .add('created_at < ?', query.to)
      .add('(created_at, order_id) < (?, ?)', after?.at, after?.id);
    const { rows } = await this.db.query<OrderColumns>(
      `select * from journal.api_orders ${conditions.where}
       order by created_at desc, order_id desc limit ${conditions.parameter(query.limit + 1)}`,
      conditions.parameters,
    );
    const shown = await this.views(rows.slice(0, query.limit));
    const page = pageOf(
      rows,
      query.limit,
      ({ order_id }) => order_id,
      ({ created_at, order_id }) => ({ at: created_at.toISOString(), id: order_id }),
    );
    return { ...page, items: shown };
  }

  async find(orderId: string): Promise<OrderView | undefined> {
    const { rows } = await this.db.query<OrderColumns>('select * from journal.api_orders where order_id = $1', [
      orderId,
    ]);
    return (await this.views(rows))[0];
  }

  private async views(orders: readonly OrderColumns[]): Promise<readonly OrderView[]> {
    if (orders.length === 0) return [];
    const parents = orders.filter(({ order_id, parent_order_id }) => order_id === parent_order_id);
    const children = await this.childrenOf(parents.map(({ order_id }) => order_id));
    const ids = [...orders, ...[...children.values()].flat()].map(({ order_id }) => order_id);
    const sums = await this.fillsOf(ids);
    return orders.map((order) =>
      orderView(order, order.order_id === order.parent_order_id ? (children.get(order.order_id) ?? []) : [], sums),
    );
  }

  private async childrenOf(parentIds: readonly string[]): Promise<ReadonlyMap<string, readonly OrderColumns[]>> {
    if (parentIds.length === 0) return new Map();
    const { rows } = await this.db.query<OrderColumns>(
      `select * from journal.api_orders where parent_order_id = any ($1) and order_id <> parent_order_id
       order by created_at, order_id`,
      [parentIds],
    );
    return Map.groupBy(rows, ({ parent_order_id }) => parent_order_id);
  }

  private async fillsOf(orderIds: readonly string[]): Promise<ReadonlyMap<string, readonly FillSum[]>> {
    const { rows } = await this.db.query<FillSum>(
      `select order_id, fee_currency, trim_scale(sum(fee_amount)) as fee, trim_scale(sum(quantity)) as quantity,
              trim_scale(sum(quantity * price)) as cost
       from journal.api_executions where order_id = any ($1) group by order_id, fee_currency`,
      [orderIds],
    );
    return Map.groupBy(rows, ({ order_id }) => order_id);
  }
}

const AFTER = z.object({ at: z.iso.datetime(), id: z.string() });
