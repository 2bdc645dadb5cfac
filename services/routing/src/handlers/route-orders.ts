import type { OrderApproved, OrderCancelRequested } from '@switchyard/contracts';
import { deriveId, type LogEvent, type Unit } from '@switchyard/log';
import { quoteOf, tradingHalted, type Refusal } from '@switchyard/model';
import type { Logger } from '@switchyard/observability';
import {
  completionOf,
  decideRoute,
  describeRoute,
  evolveParent,
  isSettled,
  heldCaps,
  NO_CHILDREN,
  recordedInputs,
  replaceableChild,
  triedAccounts,
  withCancelAsked,
  withChildren,
  withGivenUp,
  type Child,
  type ChildFact,
  type Completion,
  type ParentOrder,
  type RouteDecision,
  type RouteInputs,
  type VenueFacts,
} from '@switchyard/routing-domain';
import type { BookShelf, UsedBook } from '../adapters/book-shelf.js';
import type { MarketBoard } from '../adapters/market-board.js';
import type { VenueMemory } from '../adapters/venue-memory.js';
import type { RoutingConfig } from '../config.js';
import type { RoutingMetrics } from '../metrics.js';
import { executionOf } from './child-execution.js';
import { orderCompleted, orderRouted, parentFailed } from './outgoing.js';
import { isFinished, PARENT, type FinishedParent, type ParentDocument, type WorkingParent } from './parent-document.js';

export interface RouteOrdersParts {
  readonly config: Pick<RoutingConfig, 'settings' | 'sendWithinMs'>;
  readonly board: Pick<MarketBoard, 'factsOf' | 'rateOf' | 'states'>;
  readonly memory: VenueMemory;
  readonly shelf: Pick<BookShelf, 'isNew'>;
  readonly metrics: RoutingMetrics;
  readonly logger: Pick<Logger, 'error'>;
}

const UNSENT = { status: 'cancelled', filledQuantity: '0', overfilled: false } as const;

/**
 * Owner of the parent order: decides where it goes, follows its children, and says when nothing of it is live any more.
 *
 * 1. A decision is stored with its inputs in the transaction that publishes it; an approval that is known is not decided again.
 * 2. A child's place is taken by other venues only where its failure says that nothing of it is at the venue.
 * 3. Of what somebody wants gone nothing more is sent: no failover, and nothing at all where the cancel came first.
 * 4. A child's id is derived from its parent and its number among the children that are stored with it: a repeat makes the same one.
 */
export class RouteOrders {
  constructor(private readonly parts: RouteOrdersParts) {}

  approved(approved: OrderApproved, unit: Unit): void {
    const known = unit.get<ParentDocument>(PARENT, approved.parentOrderId);
    const cancelledAhead = known !== undefined && isFinished(known) ? known.cancelledAhead : undefined;
    if (cancelledAhead === approved.userId) {
      this.#complete(approved, UNSENT, unit);
      return;
    }
    // What another user wants gone under this id is no word about this order.
    if (known !== undefined && cancelledAhead === undefined) return;
    const { inputs, decision } = this.#decide(approved, {}, unit);
    if ('code' in decision) {
      unit.emit(parentFailed(approved, decision, unit.now.toISOString()));
      this.parts.metrics.refused.inc({ code: decision.code });
      this.#complete(approved, { ...UNSENT, status: 'failed' }, unit);
    } else {
      const parent = this.#route({ approved, decisions: [], order: NO_CHILDREN }, { inputs, decision }, unit);
      unit.put(PARENT, approved.parentOrderId, parent);
    }
  }

  /** Topics promise no order between each other: a cancel that comes before its parent's approval is kept for it. */
  cancelRequested({ orderId, parentOrderId, userId }: OrderCancelRequested, unit: Unit): void {
    const document = unit.get<ParentDocument>(PARENT, parentOrderId);
    const isOfParent = orderId === parentOrderId;
    if (document === undefined && isOfParent) {
      const completedAt = unit.now.toISOString();
      unit.put(PARENT, parentOrderId, {
        completedAt,
        status: 'cancelled',
        cancelledAhead: userId,
      } satisfies FinishedParent);
    }
    if (document === undefined || isFinished(document) || document.approved.userId !== userId) return;
    const order = withCancelAsked(document.order, isOfParent ? undefined : orderId);
    unit.put(PARENT, parentOrderId, { ...document, order } satisfies WorkingParent);
  }

  /** `time`: when the event was made. */
  child({ type, time }: Pick<LogEvent, 'type' | 'time'>, parentOrderId: string, fact: ChildFact, unit: Unit): void {
    const document = unit.get<ParentDocument>(PARENT, parentOrderId);
    if (document === undefined || isFinished(document)) {
      this.parts.metrics.late.inc({ type });
      return;
    }
    const order = evolveParent(document.order, fact);
    if (order === document.order) return;
    this.#learn({ ...document, order }, document.order, Date.parse(time));
    let parent: WorkingParent = { ...document, order };
    for (let failed = replaceableChild(order); failed !== undefined; failed = replaceableChild(parent.order))
      parent = this.#failOver(parent, failed, unit);
    const completion = completionOf(parent.order);
    if (completion === undefined) unit.put(PARENT, parentOrderId, parent);
    else this.#end(parent, completion, unit);
  }

  /** What a child came to is remembered once its end is known with all its fills. */
  #learn(parent: WorkingParent, before: ParentOrder, atMs: number): void {
    const { approved, order } = parent;
    const among = approved.caps.map(({ venue }) => venue);
    order.children.forEach((child, index) => {
      const was = before.children[index];
      if (!isSettled(child) || (was !== undefined && isSettled(was))) return;
      const execution = executionOf(parent, child, index, atMs);
      if (execution !== undefined) this.parts.memory.saw(child.venue, approved.pair, execution, among);
    });
  }

  /** The next best venues take a failed child's part over; where there are none, it is given up, and why is kept for the parent's end. */
  #failOver(parent: WorkingParent, failed: Child, unit: Unit): WorkingParent {
    const { approved, order } = parent;
    const tried = triedAccounts(order);
    const untried = approved.caps.some(({ accountId }) => !tried.includes(accountId));
    if (!untried) return { ...parent, order: withGivenUp(order, failed.orderId) };
    const share = { quantity: failed.quantity, tried, held: heldCaps(order) };
    const { inputs, decision } = this.#decide(approved, share, unit);
    if (!('code' in decision)) {
      for (const { venue } of decision.children) this.parts.metrics.failovers.inc({ from: failed.venue, to: venue });
      return this.#route(parent, { inputs, decision }, unit, failed.orderId);
    }
    this.parts.metrics.refused.inc({ code: decision.code });
    const facts = { ...decision.facts, failed: { venue: failed.venue, code: failed.terminal?.code } };
    return { ...parent, order: withGivenUp(order, failed.orderId), refusal: { ...decision, facts } };
  }

  #decide(
    approved: OrderApproved,
    { quantity, tried = [], held = [] }: Partial<Pick<RouteInputs, 'quantity' | 'tried' | 'held'>>,
    unit: Unit,
  ): { readonly inputs: RouteInputs; readonly decision: RouteDecision | Refusal } {
    const startedAt = performance.now();
    const { board, memory, config } = this.parts;
    const { pair } = approved;
    const { settings } = config;
    const venues: Record<string, VenueFacts> = {};
    for (const { venue } of approved.caps)
      venues[venue] ??= { ...board.factsOf(venue, pair), history: memory.historyOf(venue, pair, unit.now.getTime()) };
    const inputs: RouteInputs = {
      order: approved,
      venues,
      quantity,
      tried,
      held,
      ...(settings.strategy === 'best_cost' ? {} : { turn: memory.nextTurn(pair), weights: memory.weightsOf(pair) }),
      rates: this.#ratesFor(approved, unit),
      now: unit.now,
      settings,
    };
    // Stopped since it was approved, or since a venue failed: nothing is sent, there or elsewhere.
    const halt = approved.reduceOnly ? undefined : board.states.ofUser(approved.userId);
    const decision = halt === undefined ? decideRoute(inputs) : tradingHalted(halt);
    this.parts.metrics.latency.observe((performance.now() - startedAt) / 1_000);
    const day = unit.now.toISOString().slice(0, 10);
    for (const { market } of Object.values(venues))
      if (market !== undefined && this.parts.shelf.isNew(market.view.bookHash, day))
        unit.effect({ view: market.view, day } satisfies UsedBook);
    return { inputs, decision };
  }

  /** What other quote currencies are worth that stand in for the pair's own; nothing where all accounts pay in it. */
  #ratesFor({ pair, caps, side }: OrderApproved, { now }: Unit): RouteInputs['rates'] {
    const quote = quoteOf(pair);
    const others = new Set(
      caps.flatMap(({ venue, currency }) => {
        const paid = side === 'buy' ? currency : this.parts.board.factsOf(venue, pair).market?.view.instrument.quote;
        return paid === undefined || paid === quote ? [] : [paid];
      }),
    );
    if (others.size === 0) return undefined;
    const oldestMs = now.getTime() - this.parts.config.settings.maxBookAgeMs;
    const known = [...others].flatMap((currency) => {
      const rate = this.parts.board.rateOf(currency, quote, oldestMs);
      return rate === undefined ? [] : [[currency, rate] as const];
    });
    return known.length === 0 ? undefined : Object.fromEntries(known);
  }

  /** Sends the children of a decision out. @returns the parent with them */
  #route(
    { approved, decisions, order, ...rest }: WorkingParent,
    { inputs, decision }: { readonly inputs: RouteInputs; readonly decision: RouteDecision },
    unit: Unit,
    inPlaceOf?: string,
  ): WorkingParent {
    const record = describeRoute(inputs, decision);
    const recorded = recordedInputs(inputs);
    const { sendWithinMs } = this.parts.config;
    const children = decision.children.map((plan, part) => {
      const index = order.children.length + part;
      const orderId = deriveId('child-order', approved.parentOrderId, String(index));
      unit.emit(orderRouted(approved, { orderId, index, plan, record, inputs: recorded, now: unit.now, sendWithinMs }));
      this.parts.metrics.routed.inc({ venue: plan.venue, method: record.method, algorithm: record.algorithm });
      return { orderId, accountId: plan.accountId, venue: plan.venue, quantity: plan.quantity };
    });
    const { remainder } = decision;
    if (children.length > 1) this.parts.metrics.splits.inc({ venues: String(children.length) });
    return {
      ...rest,
      approved,
      decisions: [...decisions, { children: decision.children, record, inputs: recorded, remainder }],
      order: withChildren(order, children, inPlaceOf),
    };
  }

  /** A parent of which nothing was filled says why nobody took over what failed. */
  #end({ approved, refusal }: WorkingParent, completion: Completion, unit: Unit): void {
    if (refusal !== undefined && completion.filledQuantity === '0' && completion.status !== 'cancelled')
      unit.emit(parentFailed(approved, refusal, unit.now.toISOString()));
    this.#complete(approved, completion, unit);
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
