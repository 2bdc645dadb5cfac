import { deriveId } from '@switchyard/log';
import type { Mode, Refusal } from '@switchyard/model';
import { venueExpiryMs } from '@switchyard/order-domain';
import type { Database, Tx } from '@switchyard/persistence';
import type { OrderGate } from '../guard/order-gate.js';
import { recordFindings, type Finding, type RecorderParts } from '../orders/recorder.js';
import type { Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';
import { admit, type Deployment, type KnownAccount } from './admit.js';
import type { RoutedOrder, StateRequest } from './task.js';

/** An order whose intent is stored and whose request may now leave, until `sendBy`. */
export interface ClaimedOrder {
  readonly kind: 'order';
  readonly routed: RoutedOrder;
  readonly clientOrderId: string;
  readonly epoch: string;
  /** This attempt included. */
  readonly attempts: number;
  /** Milliseconds of the monotonic clock. */
  readonly sendBy: number;
}

export interface ClaimedRequest {
  readonly kind: 'state';
  readonly request: StateRequest;
  readonly causeId: string;
  readonly traceparent: string | undefined;
  readonly epoch: string;
  /** Undefined while no policy has named the account. */
  readonly mode: Mode | undefined;
}

export type Claimed = ClaimedOrder | ClaimedRequest;

export interface ClaimRules {
  /** Named in leases; one per process. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly sendWithinMs: number;
  readonly venueWindowMs: number;
  readonly perUser: number;
}

export interface ClaimParts extends RecorderParts {
  readonly db: Database;
  readonly access: VenueAccess;
  readonly clock: Clock;
  readonly rules: ClaimRules;
  /** Whether the venue may be called now; absent: always. */
  readonly gate?: OrderGate;
}

/** An order whose account is not known yet is looked at again after this. */
const WAIT_MS = 250;
/** Orders past their `sendBy` that one claim refuses, beside those it takes. */
const EXPIRED_AT_A_TIME = 50;

/**
 * Claims tasks: by priority, users in turn, in order per account and pair; and refuses what is past its `sendBy`. In one transaction each order is admitted or refused, and
 * the intent of each that is admitted is stored, before any request can leave.
 */
export const claim = async (
  parts: ClaimParts,
  most: number,
): Promise<{
  readonly claimed: readonly Claimed[];
  readonly taken: number;
  /** How long the first of those waits that may not be sent yet; undefined: none was held back. */
  readonly heldForMs?: number;
}> => {
  const { db, clock, rules, access } = parts;
  // Read first: what the transaction takes is lost from the time to send, never gained.
  const monotonic = clock.monotonic();
  const nowMs = clock.now();
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<TaskRow>(TAKE, [
      rules.perUser,
      most,
      new Date(nowMs).toISOString(),
      EXPIRED_AT_A_TIME,
    ]);
    if (rows.length === 0) return { claimed: [], taken: 0 };
    const deployment = {
      venue: parts.venue,
      origin: access.origin,
      rules: access.rules,
      hasAdapter: access.capabilities !== undefined,
    };
    const admitted = rows.map((row) => planOf(row, deployment, nowMs, monotonic, rules));
    const plan = parts.gate === undefined ? admitted : await gated(admitted, parts.gate, nowMs);
    await postpone(tx, plan);
    const requests = await leaseRequests(tx, plan, rules);
    const orders = await storeIntents(tx, plan, parts, nowMs);
    const held = plan.flatMap((step) => (step.kind === 'wait' && step.isHeld === true ? [step.forMs] : []));
    return {
      claimed: [...orders, ...requests],
      taken: rows.length,
      ...(held.length === 0 ? {} : { heldForMs: Math.min(...held) }),
    };
  });
};

interface TaskRow {
  readonly task_id: string;
  readonly event_type: 'OrderRouted' | 'VenueStateRequested';
  readonly priority: number;
  readonly account_id: string;
  readonly attempts: number;
  readonly payload: unknown;
  readonly cause_id: string;
  readonly traceparent: string | null;
  readonly account_user: string | null;
  readonly account_mode: Mode | null;
  readonly account_enabled: boolean | null;
}

type Plan =
  | {
      readonly kind: 'wait';
      readonly row: TaskRow;
      readonly forMs: number;
      /** By the gate, and not for its account. */
      readonly isHeld?: true;
    }
  | { readonly kind: 'request'; readonly row: TaskRow }
  | { readonly kind: 'refuse'; readonly routed: RoutedOrder; readonly finding: Omit<Finding, 'epoch'> }
  | {
      readonly kind: 'send';
      readonly row: TaskRow;
      readonly routed: RoutedOrder;
      readonly attempts: number;
      readonly sendBy: number;
      readonly sendByMs: number;
    };

const planOf = (row: TaskRow, deployment: Deployment, nowMs: number, monotonic: number, rules: ClaimRules): Plan => {
  if (row.event_type === 'VenueStateRequested') return { kind: 'request', row };
  const routed = row.payload as RoutedOrder;
  const admission = admit(routed, accountOf(row), deployment, nowMs);
  switch (admission.kind) {
    case 'wait':
      return { kind: 'wait', row, forMs: WAIT_MS };
    case 'send': {
      const withinMs = Math.min(rules.sendWithinMs, Date.parse(routed.sendBy) - nowMs);
      return {
        kind: 'send',
        row,
        routed,
        attempts: row.attempts + 1,
        sendBy: monotonic + withinMs,
        sendByMs: nowMs + withinMs,
      };
    }
    case 'refuse':
      return refusalOf(routed, admission, nowMs);
  }
};

const refusalOf = (
  routed: RoutedOrder,
  { refusal, retriable }: { readonly refusal: Refusal; readonly retriable: boolean },
  nowMs: number,
): Plan => {
  const at = new Date(nowMs).toISOString();
  const finding = {
    orderId: routed.orderId,
    facts: [{ kind: 'gaveUp', refusal, retriable, at }],
    looked: false,
    lastError: refusal.code,
    logs: [],
  } as const;
  return { kind: 'refuse', routed, finding };
};

/** The same plan, without what the venue may not be called for now: nothing of that was sent, and no attempt is counted. */
const gated = async (plan: readonly Plan[], gate: OrderGate, nowMs: number): Promise<readonly Plan[]> => {
  const calling = plan.filter((step) => step.kind === 'send' || step.kind === 'request');
  const decisions = await gate.decide(
    calling.map((step) => ({
      kind: step.kind === 'send' ? 'order' : 'request',
      accountId: step.row.account_id,
      priority: step.row.priority,
      reduceOnly: step.kind === 'send' && step.routed.reduceOnly,
      hasAlternative: step.kind === 'send' && step.routed.hasAlternative,
      sendByMs: step.kind === 'send' ? Date.parse(step.routed.sendBy) : Number.POSITIVE_INFINITY,
    })),
    nowMs,
  );
  return plan.map((step) => {
    const decision = decisions[calling.findIndex((other) => other === step)];
    if ((step.kind !== 'send' && step.kind !== 'request') || decision === undefined || decision.kind === 'send')
      return step;
    return decision.kind === 'wait' || step.kind === 'request'
      ? { kind: 'wait', row: step.row, forMs: decision.kind === 'wait' ? decision.forMs : WAIT_MS, isHeld: true }
      : refusalOf(step.routed, decision, nowMs);
  });
};

const accountOf = ({ account_user, account_mode, account_enabled }: TaskRow): KnownAccount | undefined =>
  account_user === null || account_mode === null
    ? undefined
    : { userId: account_user, mode: account_mode, enabled: account_enabled === true };

const postpone = async (tx: Tx, plan: readonly Plan[]): Promise<void> => {
  const waiting = plan.filter((step) => step.kind === 'wait');
  if (waiting.length > 0)
    await tx.query(POSTPONE, [waiting.map(({ row }) => row.task_id), waiting.map(({ forMs }) => forMs)]);
};

const leaseRequests = async (tx: Tx, plan: readonly Plan[], rules: ClaimRules): Promise<readonly ClaimedRequest[]> => {
  const requests = plan.flatMap((step) => (step.kind === 'request' ? [step.row] : []));
  if (requests.length === 0) return [];
  const epochs = await lease(
    tx,
    requests.map(({ task_id }) => task_id),
    rules,
  );
  return requests.map((row) => ({
    kind: 'state',
    request: row.payload as StateRequest,
    causeId: row.cause_id,
    traceparent: row.traceparent ?? undefined,
    epoch: epochs.get(row.task_id) ?? '0',
    mode: row.account_mode ?? undefined,
  }));
};

const lease = async (
  tx: Tx,
  taskIds: readonly string[],
  { owner, leaseMs }: ClaimRules,
): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await tx.query<{ task_id: string; lease_epoch: string }>(LEASE, [taskIds, owner, leaseMs]);
  return new Map(rows.map(({ task_id, lease_epoch }) => [task_id, lease_epoch]));
};

/** Stores the intents, and the refusals with their events. An order that is beyond the queue already gets neither. */
const storeIntents = async (
  tx: Tx,
  plan: readonly Plan[],
  parts: ClaimParts,
  nowMs: number,
): Promise<readonly ClaimedOrder[]> => {
  const steps = plan.filter((step) => step.kind === 'send' || step.kind === 'refuse');
  if (steps.length === 0) return [];
  const { rules, access } = parts;
  const sends = steps.filter((step) => step.kind === 'send');
  if (sends.length > 0)
    await lease(
      tx,
      sends.map(({ routed }) => routed.orderId),
      rules,
    );
  const expiryOf = (sendByMs: number): string => {
    const { offsetMs, errorMs } = access.clock();
    return new Date(
      venueExpiryMs({ sendByMs, clockOffsetMs: offsetMs, clockErrorMs: errorMs, windowMs: rules.venueWindowMs }),
    ).toISOString();
  };
  const at = new Date(nowMs).toISOString();
  const { rows } = await tx.query<{ order_id: string; lease_epoch: string }>(INTEND, [
    steps.map(({ routed }) => routed.orderId),
    steps.map(({ routed }) => routed.userId),
    steps.map(({ routed }) => routed.accountId),
    steps.map(({ routed }) => routed.pair),
    steps.map(({ routed }) => routed.venueSymbol),
    steps.map(({ routed }) => routed.side),
    steps.map(({ routed }) => routed.mode),
    steps.map(({ routed }) => routed.quantity),
    steps.map(({ routed }) => routed.limitPrice ?? null),
    steps.map(({ routed }) => routed.expireAt ?? null),
    steps.map(({ kind }) => (kind === 'send' ? 'executing' : 'queued')),
    steps.map(({ routed }) => clientOrderIdOf(routed.orderId)),
    steps.map((step) => (step.kind === 'send' ? step.attempts : 0)),
    steps.map((step) => (step.kind === 'send' ? new Date(step.sendByMs).toISOString() : step.routed.sendBy)),
    steps.map((step) => (step.kind === 'send' ? expiryOf(step.sendByMs) : null)),
    steps.map(({ kind }) => JSON.stringify(kind === 'send' ? { queued: at, executing: at } : { queued: at })),
    rules.owner,
  ]);
  const epochs = new Map(rows.map(({ order_id, lease_epoch }) => [order_id, lease_epoch]));
  const refusals = steps.flatMap((step): readonly Finding[] => {
    const epoch = epochs.get(step.routed.orderId);
    return step.kind === 'refuse' && epoch !== undefined ? [{ ...step.finding, epoch }] : [];
  });
  if (refusals.length > 0) await recordFindings(tx, parts, refusals);
  const beyond = steps.filter(({ routed }) => !epochs.has(routed.orderId)).map(({ routed }) => routed.orderId);
  if (beyond.length > 0) await tx.query(CLOSE, [beyond]);
  return sends.flatMap(({ routed, attempts, sendBy }) => {
    const epoch = epochs.get(routed.orderId);
    return epoch === undefined
      ? []
      : [{ kind: 'order' as const, routed, clientOrderId: clientOrderIdOf(routed.orderId), epoch, attempts, sendBy }];
  });
};

/** Derived from the child order alone: every attempt, by whomever, has the same. */
export const clientOrderIdOf = (orderId: string): string => deriveId('client-order', orderId);

// A lane is an account and pair. One is *held* while a task of it is out, not known, or put off. Of the lanes that are free the thousand
// tasks that come first are looked at, however many wait behind held ones; of each held lane the head alone: it may stand before what was
// put off, and a stop-loss waits for other stop-losses only. Users take turns within a priority, at most so many tasks each per claim.
// Beside them come orders past their `sendBy`, whatever holds their lane: they are refused, so that no lane holds reservations without end.
// `not in` is answered from a hash, so the queue is read in its order and no further than needed. "Past" is by the clock that refuses.
const TAKE = {
  name: 'execution-take',
  text: `
    with held as materialized (
      select lane, bool_or(is_out) as is_out, bool_or(is_out and priority = 1) as stop_is_out, min(put_off) as put_off
      from (
        select lane, priority, true as is_out, null::bigint[] as put_off from execution_tasks
        where status in ('executing', 'unknown') and executor = 'venue'
        union all
        select lane, priority, false, array[priority, seq] from execution_tasks
        where status = 'queued' and executor = 'venue' and not_before > now()
      ) t
      group by lane
    ), first as (
      select task_id, user_id, lane, priority, seq from execution_tasks
      where status = 'queued' and executor = 'venue' and not_before <= now() and lane not in (select lane from held)
      order by priority, seq limit 1000
    ), heads as (
      (select distinct on (lane) task_id, user_id, priority, seq from first order by lane, priority, seq)
      union all
      select h.task_id, h.user_id, h.priority, h.seq
      from held, lateral (
        select task_id, user_id, priority, seq from execution_tasks
        where lane = held.lane and status = 'queued' and executor = 'venue' and not_before <= now()
        order by priority, seq limit 1
      ) h
      where not (case when h.priority = 1 then stop_is_out else is_out end)
        and (put_off is null or put_off > array[h.priority, h.seq])
    ), next as (
      select task_id, priority, seq, row_number() over (partition by user_id order by priority, seq) as turn from heads
    ), chosen as (
      (select task_id, priority, turn, seq from next where turn <= $1 order by priority, turn, seq limit $2)
      union all
      (select task_id, 6 as priority, 0 as turn, seq from execution_tasks
       where status = 'queued' and executor = 'venue' and send_by <= $3::timestamptz order by send_by limit $4)
    ), once as (
      select distinct on (task_id) * from chosen order by task_id, priority
    )
    select t.task_id, t.event_type, t.priority, t.account_id, t.attempts, t.payload, t.cause_id, t.traceparent,
           a.user_id as account_user, a.mode as account_mode, a.enabled as account_enabled
    from once c join execution_tasks t using (task_id) left join accounts a on a.account_id = t.account_id
    where t.status = 'queued'
    order by c.priority, c.turn, c.seq
    for update of t skip locked`,
};
const POSTPONE = {
  name: 'execution-postpone',
  text: `
    update execution_tasks t set not_before = now() + p.for_ms * interval '1 ms'
    from unnest($1::text[], $2::float8[]) as p (task_id, for_ms) where t.task_id = p.task_id`,
};
const LEASE = {
  name: 'execution-lease',
  text: `
    update execution_tasks
    set status = 'executing', attempts = attempts + 1, lease_owner = $2, lease_epoch = lease_epoch + 1,
        lease_until = now() + $3::float8 * interval '1 ms', started_at = coalesce(started_at, now())
    where task_id = any ($1::text[]) returning task_id, lease_epoch`,
};
const CLOSE = {
  name: 'execution-close',
  text: `update execution_tasks set status = 'done', lease_owner = null, lease_until = null, finished_at = now() where task_id = any ($1::text[])`,
};
const INTEND = {
  name: 'execution-intend',
  text: `
    insert into orders as o
      (order_id, user_id, account_id, pair, venue_symbol, side, mode, quantity, limit_price, expire_at, status, client_order_id, attempt,
       send_by, venue_expiry, status_times, lease_owner)
    select i.*, $17 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[],
      $9::numeric[], $10::timestamptz[], $11::text[], $12::text[], $13::integer[], $14::timestamptz[], $15::timestamptz[], $16::json[]) as i
    order by 1
    on conflict (order_id) do update
      set status = excluded.status, attempt = excluded.attempt, send_by = excluded.send_by, venue_expiry = excluded.venue_expiry,
          negatives = 0, lease_epoch = o.lease_epoch + 1, lease_owner = excluded.lease_owner, updated_at = now()
      where o.status in ('pending', 'queued')
    returning order_id, lease_epoch`,
};
