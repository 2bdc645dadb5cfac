import { venueExpiryMs } from '@switchyard/order-domain';
import type { Tx } from '@switchyard/persistence';
import { recordFindings, type Finding } from '../orders/recorder.js';
import type { Plan } from './claim-plan.js';
import type { ClaimedOrder, ClaimedRequest, ClaimParts, ClaimRules } from './claim.js';
import { clientOrderIdOf, type StateRequest } from './task.js';

/** Back to its place in the queue: nothing is stored of it, and no attempt counted. */
export const postpone = async (tx: Tx, plan: readonly Plan[]): Promise<void> => {
  const waiting = plan.filter((step) => step.kind === 'wait');
  if (waiting.length > 0)
    await tx.query(POSTPONE, [waiting.map(({ row }) => row.task_id), waiting.map(({ forMs }) => forMs)]);
};

export const leaseRequests = async (
  tx: Tx,
  plan: readonly Plan[],
  rules: ClaimRules,
): Promise<readonly ClaimedRequest[]> => {
  const requests = plan.flatMap((step) => (step.kind === 'request' ? [step.row] : []));
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
  if (taskIds.length === 0) return new Map();
  const { rows } = await tx.query<{ task_id: string; lease_epoch: string }>(LEASE, [taskIds, owner, leaseMs]);
  return new Map(rows.map(({ task_id, lease_epoch }) => [task_id, lease_epoch]));
};

/** Stores the intents, and the refusals with their events. An order that is beyond the queue already gets neither. */
export const storeIntents = async (
  tx: Tx,
  plan: readonly Plan[],
  parts: ClaimParts,
  nowMs: number,
): Promise<readonly ClaimedOrder[]> => {
  const steps = plan.filter((step) => step.kind === 'send' || step.kind === 'refuse');
  if (steps.length === 0) return [];
  const { rules, access } = parts;
  const sends = steps.filter((step) => step.kind === 'send');
  const expiryOf = (sendByMs: number): string => {
    const { offsetMs, errorMs } = access.clock();
    return new Date(
      venueExpiryMs({ sendByMs, clockOffsetMs: offsetMs, clockErrorMs: errorMs, windowMs: rules.venueWindowMs }),
    ).toISOString();
  };
  const at = new Date(nowMs).toISOString();
  const intend = [
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
  ];
  const [, { rows }] = await Promise.all([
    lease(
      tx,
      sends.map(({ routed }) => routed.orderId),
      rules,
    ),
    tx.query<{ order_id: string; lease_epoch: string }>(INTEND, intend),
  ]);
  const epochs = new Map(rows.map(({ order_id, lease_epoch }) => [order_id, lease_epoch]));
  const refusals = steps.flatMap((step): readonly Finding[] => {
    const epoch = epochs.get(step.routed.orderId);
    return step.kind === 'refuse' && epoch !== undefined ? [{ ...step.finding, epoch }] : [];
  });
  if (refusals.length > 0) await recordFindings(tx, parts, refusals);
  const beyond = steps.filter(({ routed }) => !epochs.has(routed.orderId)).map(({ routed }) => routed.orderId);
  if (beyond.length > 0) await tx.query(CLOSE, [beyond]);
  return sends.flatMap(({ row: { priority }, routed, attempts, sendBy }): readonly ClaimedOrder[] => {
    const epoch = epochs.get(routed.orderId);
    const clientOrderId = clientOrderIdOf(routed.orderId);
    return epoch === undefined ? [] : [{ kind: 'order', routed, priority, clientOrderId, epoch, attempts, sendBy }];
  });
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
