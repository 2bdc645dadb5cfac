import { Problem } from '@switchyard/http';
import type { Database, Tx } from '@switchyard/persistence';
import { Conditions } from '../journal/conditions.js';
import { dealtWith, placeTime } from './acts.js';
import type {
  FailedAction,
  FailedCommand,
  FailedEffect,
  FailedItem,
  FailedQuery,
  FailedSource,
} from './failed-item.js';

/**
 * Orders that an executor gave up for a reason that lies with us, the venue or an account's keys. They are told by `OrderFailed` in the
 * journal, not read from an executor's tables: those are its own, and hold nothing that a person could still move. An order that failed
 * is over for good: whoever still wants it sends a new signal. What an operator does is mend the cause, and say that it was seen.
 */
export class FailedOrders implements FailedSource {
  readonly kind = 'task';

  constructor(private readonly db: Database) {}

  async list({ userId, after, limit }: FailedQuery): Promise<readonly FailedItem[]> {
    const conditions = new Conditions()
      .add('user_id = ?', userId)
      .add('(failed_at, id) < (?::timestamptz, ?)', after?.at, after?.id);
    const { rows } = await this.db.query<OrderColumns>(
      `select * from (${ORDERS}) o where action is null ${conditions.and}
       order by failed_at desc, id desc limit ${conditions.parameter(limit)}`,
      conditions.parameters,
    );
    return rows.map(itemOf);
  }

  async find(id: string): Promise<FailedItem | undefined> {
    const { rows } = await this.db.query<OrderColumns>(`select * from (${ORDERS}) o where order_id = $1`, [
      id.slice('task-'.length),
    ]);
    return rows.map(itemOf)[0];
  }

  async act(tx: Tx, item: FailedItem, command: FailedCommand): Promise<FailedEffect> {
    if (command.action !== 'discard')
      throw new Problem(
        'ACTION_NOT_POSSIBLE',
        'An order that failed is never sent again. Mend the cause; who still wants the order sends a new signal.',
        { facts: { id: item.id, possible: item.actions } },
      );
    await dealtWith(tx, item, command);
    return { sentence: 'It is off the list; the order keeps its story.', facts: item.told };
  }
}

interface OrderColumns {
  readonly id: string;
  readonly at: string;
  readonly order_id: string;
  readonly parent_order_id: string;
  readonly signal_id: string;
  readonly user_id: string;
  readonly account_id: string | null;
  readonly venue: string | null;
  readonly pair: string;
  readonly code: string;
  readonly message: string;
  readonly action: FailedAction | null;
}

const ORDERS = `
  select ('task-' || f.order_id) collate "C" as id, ${placeTime('f.failed_at')} as at, f.*, d.action
  from journal.api_failed_orders f left join gateway.acts d on d.item_id = 'task-' || f.order_id`;

const itemOf = (order: OrderColumns): FailedItem => ({
  id: order.id,
  kind: 'task',
  at: order.at,
  userId: order.user_id,
  signalId: order.signal_id,
  actions: ['discard'],
  told: {
    orderId: order.order_id,
    parentOrderId: order.parent_order_id,
    signalId: order.signal_id,
    ...(order.account_id === null ? {} : { accountId: order.account_id }),
    ...(order.venue === null ? {} : { venue: order.venue }),
    pair: order.pair,
    code: order.code,
    message: order.message,
  },
  internals: {},
  ...(order.action === null ? {} : { done: order.action }),
});
