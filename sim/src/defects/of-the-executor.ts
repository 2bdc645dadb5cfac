import type { LookupOutcome, PlaceOutcome, VenueClient } from '@switchyard/exchanges';
import type { ExecutionUnit, HeldOrder } from '@switchyard/execution-service';
import { deriveId } from '@switchyard/log';
import { changed, throughUnits } from '../system/through.js';
import type { Defect, Seams } from './defect.js';

/** Defects of how an order reaches its venue and how it is followed. */
export const EXECUTOR_DEFECTS: readonly Defect[] = [
  {
    name: 'intent',
    what: 'The request does not wait for its intent to be stored.',
    plant: () => ({
      executionStore: (store) =>
        changed(store, {
          // The work's result is given before its commit is made.
          transaction: (work) =>
            new Promise<Awaited<ReturnType<typeof work>>>((resolve, reject) => {
              store
                .transaction(async (unit) => {
                  const result = await work(unit);
                  resolve(result);
                  return result;
                })
                .catch(reject);
            }),
        }),
    }),
  },
  {
    name: 'lease-epoch',
    what: 'An outcome is stored whatever lease it was obtained under.',
    plant: () => ({
      executionStore: (store, database) =>
        throughUnits(store, (unit) =>
          changed(unit, {
            lockHeld: async (held) => {
              const current = ({ orderId, epoch }: HeldOrder): string =>
                String(database.table('orders').get(orderId)?.leaseEpoch ?? epoch);
              const locked = await unit.lockHeld(held.map((order) => ({ ...order, epoch: current(order) })));
              const asked = new Map(held.map(({ orderId, epoch }) => [orderId, epoch]));
              return new Map([...locked].map(([id, order]) => [id, { ...order, epoch: asked.get(id) ?? order.epoch }]));
            },
          }),
        ),
    }),
  },
  {
    name: 'lookup',
    what: 'An order whose outcome is unknown is never looked up.',
    plant: () => ofClients((client) => ({ ...client, lookup: () => Promise.resolve(COULD_NOT_ASK) })),
  },
  {
    name: 'one-negative-is-enough',
    what: 'One "not found" is taken as proof that an order never arrived.',
    plant: () => ofHeldOrders((order) => ({ ...order, negatives: Math.max(order.negatives, 2) })),
  },
  {
    name: 'no-quiet-period',
    what: '"Not found" counts while the request may still be on its way.',
    plant: () =>
      ofHeldOrders((order) => ({ ...order, venueExpiryMs: order.venueExpiryMs === undefined ? undefined : 0 })),
  },
  {
    name: 'could-not-ask-is-not-found',
    what: 'A question that failed is taken for "not found".',
    plant: () => ofLookups((outcome) => (outcome.kind === 'couldNotAsk' ? { kind: 'notFound' } : outcome)),
  },
  {
    name: 'timeout-is-refusal',
    what: 'An order whose answer was lost is taken for refused.',
    plant: () => ofPlacements((outcome) => (outcome.kind === 'outcomeUnknown' ? REFUSED : outcome)),
  },
  {
    name: 'timeout-is-not-sent',
    what: 'An order whose answer was lost is taken for not sent, and sent again.',
    plant: () => ofPlacements((outcome) => (outcome.kind === 'outcomeUnknown' ? NOT_SENT : outcome)),
  },
  {
    name: 'random-client-order-id',
    what: 'Each attempt has a client order id of its own.',
    plant: () => ({
      executionStore: (store) =>
        throughUnits(store, (unit) =>
          changed(unit, {
            intend: (intents, owner) =>
              unit.intend(
                intents.map((intent) => ({
                  ...intent,
                  clientOrderId: deriveId('attempt', intent.routed.orderId, owner, String(intent.attempt)),
                })),
                owner,
              ),
          }),
        ),
      client: (client) => ({
        ...client,
        place: (order, limits) =>
          client.place(
            { ...order, clientOrderId: deriveId('attempt', order.clientOrderId, String(Math.random())) },
            limits,
          ),
      }),
    }),
  },
  {
    name: 'no-send-by',
    what: 'Nothing is compared with sendBy before the bytes leave.',
    plant: () =>
      ofClients((client) => ({
        ...client,
        place: (order, limits) => client.place(order, { ...limits, sendBy: Number.POSITIVE_INFINITY }),
      })),
  },
  {
    name: 'no-venue-expiry',
    what: 'Requests do not carry the venue’s own expiry.',
    plant: () =>
      ofClients((client) => ({
        ...client,
        place: (order, limits) => client.place(order, { ...limits, recvWindowMs: 3_600_000 }),
      })),
  },
  {
    name: 'no-lanes',
    what: 'Orders of one account and pair do not wait for each other.',
    plant: () => ({
      intake: (unit) =>
        changed(unit, {
          enqueue: (tasks, failedWith) =>
            unit.enqueue(
              tasks.map((task) => ({ ...task, lane: `${task.lane}|${task.taskId}` })),
              failedWith,
            ),
        }),
    }),
  },
  {
    name: 'trades-known-by-telling',
    what: 'A trade is known by when it was told, so that each look counts it again.',
    plant: () => {
      let looks = 0;
      return ofLookups((outcome) => {
        looks += 1;
        return outcome.kind === 'found'
          ? { ...outcome, fills: outcome.fills.map((fill) => ({ ...fill, tradeId: `${fill.tradeId}-${looks}` })) }
          : outcome;
      });
    },
  },
  {
    name: 'lookup-without-trades',
    what: 'A look at an order does not ask for its trades.',
    plant: () =>
      ofLookups((outcome) => (outcome.kind === 'found' ? { ...outcome, fills: [], fillsComplete: true } : outcome)),
  },
  {
    name: 'ends-are-not-stored',
    what: 'One in eight of an order’s changes is told and not stored: a lost update.',
    plant: () => {
      let saves = 0;
      return {
        executionStore: (store) =>
          throughUnits(store, (unit) =>
            changed(unit, {
              saveOrders: (orders) => ((saves += 1) % 8 === 0 ? Promise.resolve() : unit.saveOrders(orders)),
            }),
          ),
      };
    },
  },
  {
    name: 'finding-without-events',
    what: 'One in eight findings is stored without its events.',
    plant: () => {
      let appends = 0;
      return {
        executionStore: (store) =>
          throughUnits(store, (unit) =>
            changed(unit, { append: (events) => ((appends += 1) % 8 === 0 ? Promise.resolve() : unit.append(events)) }),
          ),
      };
    },
  },
  {
    name: 'no-inheritance',
    what: 'What a dead worker had out is inherited by nobody.',
    plant: () => ({
      executionStore: (store) => changed(store, { inherit: () => Promise.resolve({ orders: 0, requests: 0 }) }),
    }),
  },
  {
    name: 'intake-forgets',
    what: 'Of several orders that come in one transaction the last is not queued.',
    plant: () => ({
      intake: (unit) =>
        changed(unit, {
          enqueue: (tasks, failedWith) => unit.enqueue(tasks.length > 1 ? tasks.slice(0, -1) : tasks, failedWith),
        }),
    }),
  },
  {
    name: 'cancel-ignored',
    what: 'A claim does not mind that somebody wants the order gone.',
    plant: () => ({
      executionStore: (store) =>
        throughUnits(store, (unit) =>
          changed(unit, {
            take: async (rules) => (await unit.take(rules)).map((task) => ({ ...task, cancelReason: undefined })),
            takeCancelled: () => Promise.resolve([]),
          }),
        ),
    }),
  },
  {
    name: 'lost-cancel-is-done',
    what: 'A cancel whose answer was lost is taken for done.',
    plant: () => {
      const gone = new Set<string>();
      return ofClients((client) => ({
        ...client,
        cancel: async (ref, limits) => {
          const outcome = await client.cancel(ref, limits);
          if (outcome.kind === 'outcomeUnknown') gone.add(ref.clientOrderId);
          return outcome;
        },
        lookup: async (ref) => {
          const outcome = await client.lookup(ref);
          return outcome.kind === 'found' && gone.has(ref.clientOrderId)
            ? { ...outcome, order: { ...outcome.order, state: 'cancelled' } }
            : outcome;
        },
      }));
    },
  },
];

const ofClients = (client: (client: VenueClient) => VenueClient): Seams => ({ client });

const ofLookups = (change: (outcome: LookupOutcome) => LookupOutcome): Seams =>
  ofClients((client) => ({ ...client, lookup: async (ref) => change(await client.lookup(ref)) }));

const ofPlacements = (change: (outcome: PlaceOutcome) => PlaceOutcome): Seams =>
  ofClients((client) => ({ ...client, place: async (order, limits) => change(await client.place(order, limits)) }));

type Held = Awaited<ReturnType<ExecutionUnit['lockHeld']>>;
type LockedOrder = Held extends ReadonlyMap<string, infer Order> ? Order : never;

const ofHeldOrders = (change: (order: LockedOrder) => LockedOrder): Seams => ({
  executionStore: (store) =>
    throughUnits(store, (unit) =>
      changed(unit, {
        lockHeld: async (held) => new Map([...(await unit.lockHeld(held))].map(([id, order]) => [id, change(order)])),
      }),
    ),
});

const COULD_NOT_ASK: LookupOutcome = {
  kind: 'couldNotAsk',
  reason: 'timeout',
  message: 'No answer.',
  code: null,
  retryAfterMs: null,
  evidence: null,
};

const REFUSED: PlaceOutcome = {
  kind: 'refused',
  code: 'VENUE_REFUSED',
  message: 'No answer.',
  facts: {},
  venueCode: null,
  retryAfterMs: null,
  evidence: null,
};

const NOT_SENT: PlaceOutcome = { kind: 'notSent', reason: 'connect', message: 'No answer.', retryAfterMs: null };
