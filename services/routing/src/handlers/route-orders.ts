import type { OrderApproved } from '@switchyard/contracts';
import { deriveId, type Unit } from '@switchyard/log';
import type { Refusal } from '@switchyard/model';
import type { Logger } from '@switchyard/observability';
import {
  completionOf,
  decideRoute,
  evolveParent,
  NO_CHILDREN,
  replaceableChild,
  withChild,
  type Child,
  type ChildFact,
  type Completion,
  type RouteDecision,
  type VenueFacts,
} from '@switchyard/routing-domain';
import type { BookShelf, UsedBook } from '../adapters/book-shelf.js';
import type { MarketBoard } from '../adapters/market-board.js';
import type { RoutingConfig } from '../config.js';
import type { RoutingMetrics } from '../metrics.js';
import { orderCompleted, orderRouted, parentFailed } from './outgoing.js';
import { isFinished, PARENT, type FinishedParent, type ParentDocument, type WorkingParent } from './parent-document.js';

export interface RouteOrdersParts {
  readonly config: Pick<RoutingConfig, 'settings' | 'sendWithinMs'>;
  readonly board: Pick<MarketBoard, 'factsOf'>;
  readonly shelf: Pick<BookShelf, 'isNew'>;
  readonly metrics: RoutingMetrics;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Owner of the parent order: decides where it goes, follows its children, and says when nothing of it is live any more.
 *
 * 1. A decision is stored with its inputs in the transaction that publishes it; an approval that is known is not decided again.
 * 2. A child's place is taken by the next venue only where its failure says that nothing of it is at the venue.
 */
export class RouteOrders {
  constructor(private readonly parts: RouteOrdersParts) {}

  approved(approved: OrderApproved, unit: Unit): void {
    if (unit.get<ParentDocument>(PARENT, approved.parentOrderId) !== undefined) return;
    const decision = this.#decide(approved, [], unit);
    if ('code' in decision) {
      unit.emit(parentFailed(approved, decision, unit.now.toISOString()));
      this.parts.metrics.refused.inc({ code: decision.code });
      this.#complete(approved, { status: 'failed', filledQuantity: '0', overfilled: false }, unit);
    } else this.#route({ approved, decisions: [], order: NO_CHILDREN }, decision, unit);
  }

  child(type: string, parentOrderId: string, fact: ChildFact, unit: Unit): void {
    const document = unit.get<ParentDocument>(PARENT, parentOrderId);
    if (document === undefined || isFinished(document)) {
      this.parts.metrics.late.inc({ type });
      return;
    }
    const order = evolveParent(document.order, fact);
    if (order === document.order) return;
    const parent = { ...document, order };
    const failed = replaceableChild(order);
    if (failed !== undefined) {
      this.#failOver(parent, failed, unit);
      return;
    }
    const completion = completionOf(order);
    if (completion === undefined) unit.put(PARENT, parentOrderId, parent);
    else this.#complete(parent.approved, completion, unit);
  }

  /** The next best venue takes over; where there is none, the parent ends as its child did, and says why nobody took over. */
  #failOver(parent: WorkingParent, failed: Child, unit: Unit): void {
    const { approved, order } = parent;
    const tried = order.children.map(({ accountId }) => accountId);
    const untried = approved.caps.some(({ accountId }) => !tried.includes(accountId));
    const decision = untried ? this.#decide(approved, tried, unit) : undefined;
    if (decision !== undefined && !('code' in decision)) {
      this.parts.metrics.failovers.inc({ from: failed.venue, to: decision.child.venue });
      this.#route(parent, decision, unit);
      return;
    }
    if (decision !== undefined) {
      const facts = { ...decision.facts, failed: { venue: failed.venue, code: failed.terminal?.code } };
      unit.emit(parentFailed(approved, { ...decision, facts }, unit.now.toISOString()));
      this.parts.metrics.refused.inc({ code: decision.code });
    }
    const completion = completionOf(order);
    if (completion !== undefined) this.#complete(approved, completion, unit);
  }

  #decide(approved: OrderApproved, tried: readonly string[], unit: Unit): RouteDecision | Refusal {
    const startedAt = performance.now();
    const venues: Record<string, VenueFacts> = {};
    for (const { venue } of approved.caps) venues[venue] ??= this.parts.board.factsOf(venue, approved.pair);
    const { settings } = this.parts.config;
    const decision = decideRoute({ order: approved, venues, tried, now: unit.now, settings });
    this.parts.metrics.latency.observe((performance.now() - startedAt) / 1_000);
    const day = unit.now.toISOString().slice(0, 10);
    for (const { market } of Object.values(venues))
      if (market !== undefined && this.parts.shelf.isNew(market.view.bookHash, day))
        unit.effect({ view: market.view, day } satisfies UsedBook);
    return decision;
  }

  #route({ approved, decisions, order }: WorkingParent, decision: RouteDecision, unit: Unit): void {
    const index = order.children.length;
    const orderId = deriveId('child-order', approved.parentOrderId, String(index));
    const { accountId, venue, quantity } = decision.child;
    const parent: WorkingParent = {
      approved,
      decisions: [...decisions, decision],
      order: withChild(order, { orderId, accountId, venue, quantity }),
    };
    unit.put(PARENT, approved.parentOrderId, parent);
    const { sendWithinMs } = this.parts.config;
    unit.emit(orderRouted(approved, { orderId, index, decision, now: unit.now, sendWithinMs }));
    this.parts.metrics.routed.inc({ venue, method: decision.record.method, algorithm: decision.record.algorithm });
  }

  #complete(approved: OrderApproved, completion: Completion, unit: Unit): void {
    const completedAt = unit.now.toISOString();
    const finished: FinishedParent = { completedAt, status: completion.status };
    unit.put(PARENT, approved.parentOrderId, finished);
    unit.emit(orderCompleted(approved, completion, completedAt));
    this.parts.metrics.completed.inc({ status: completion.status });
    if (!completion.overfilled) return;
    this.parts.metrics.overfilled.inc();
    const { parentOrderId, userId, quantity } = approved;
    this.parts.logger.error(
      { code: 'PARENT_OVERFILLED', parentOrderId, userId, ordered: quantity, filled: completion.filledQuantity },
      'more was filled than ordered: the venue is right, the books follow it, and somebody should look',
    );
  }
}
