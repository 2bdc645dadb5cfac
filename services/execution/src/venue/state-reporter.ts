import type { VenueStateReported } from '@switchyard/contracts';
import type { Answer, Fill, InstrumentKey, TradeCursor, Venue, VenueClient, VenueOrder } from '@switchyard/exchanges';
import type { Mode } from '@switchyard/model';
import type { Database, Tx } from '@switchyard/persistence';
import type { AccountClients } from '../adapters/account-clients.js';
import type { EventAppender } from '../orders/save.js';
import type { Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';
import { readSimulatedState } from '../simulated/simulated-state.js';
import type { ClaimedRequest } from '../tasks/claim.js';
import type { StateRequest } from '../tasks/task.js';
import { balanceOfVenue } from './balances.js';
import { plainFee, plainNumber } from './venue-number.js';

/** What was learned of an account; what could not be is named. */
export type AccountState = Pick<VenueStateReported, 'openOrders' | 'balances' | 'fills' | 'missing'>;

export interface ReporterParts {
  readonly db: Database;
  readonly venue: string;
  readonly access: VenueAccess;
  readonly clients: AccountClients;
  readonly clock: Clock;
  readonly log: EventAppender;
  /** Orders that the venue knows more of than we do: they are asked about next. */
  readonly onNews: () => void;
}

/** Asks the venue for an account's open orders, balances and fills, and reports its answers as they are. */
export class StateReporter {
  readonly #parts: ReporterParts;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  async report(claimed: ClaimedRequest): Promise<void> {
    const { db, clock, onNews } = this.#parts;
    const requestedAt = new Date(clock.now()).toISOString();
    const state = await this.#stateOf(claimed.request, claimed.mode);
    const stored = await db.transaction((tx) => this.#store(tx, claimed, state, requestedAt));
    if (stored) onNews();
  }

  async #stateOf(request: StateRequest, mode: Mode | undefined): Promise<AccountState> {
    if (mode === undefined) return nothing('the account is not known here');
    if (mode === 'simulated') return readSimulatedState(this.#parts.db, this.#parts.venue, request);
    const found = await this.#parts.clients.of({ accountId: request.accountId, userId: request.userId, mode });
    if (found.kind === 'refused') return nothing(found.refusal.message);
    const venue = await this.#parts.access.open();
    return this.#ask(venue, found.client, request);
  }

  async #ask(venue: Venue, client: VenueClient, request: StateRequest): Promise<AccountState> {
    const missing: VenueStateReported['missing'][number][] = [];
    const valueOf = <T>(what: 'open_orders' | 'balances' | 'fills', answer: Answer<T>): T | undefined => {
      if (answer.kind === 'answered') return answer.value;
      missing.push({ what, reason: answer.code ?? answer.reason });
      return undefined;
    };
    const instruments = await this.#instrumentsOf(venue, request, missing);
    const pairOf = (venueSymbol: string): string | undefined =>
      instruments.find((key) => key.venueSymbol === venueSymbol)?.pair;
    const openOrders = valueOf('open_orders', await client.openOrders());
    const balances = valueOf('balances', await client.balances());
    const fills: Fill[] = [];
    for (const instrument of instruments) {
      const answer = await allTrades(client, instrument, request.since === undefined ? 0 : Date.parse(request.since));
      fills.push(...(valueOf('fills', answer) ?? []));
    }
    const clientIds = await this.#clientIdsOf(
      request.accountId,
      fills.map(({ venueOrderId }) => venueOrderId),
    );
    const isPartOfFillsMissing = missing.some(({ what }) => what === 'fills');
    return {
      ...(openOrders && { openOrders: openOrders.map((order) => openOrderOf(order, pairOf(order.venueSymbol))) }),
      ...(balances && { balances: balances.map(balanceOfVenue) }),
      ...(isPartOfFillsMissing && fills.length === 0
        ? {}
        : { fills: fills.map((fill) => fillOf(fill, clientIds.get(fill.venueOrderId))) }),
      missing,
    };
  }

  async #instrumentsOf(
    venue: Venue,
    { accountId, pairs }: StateRequest,
    missing: VenueStateReported['missing'][number][],
  ): Promise<readonly InstrumentKey[]> {
    const { rows } = await this.#parts.db.query<{ usdt_as_usd: boolean }>(USDT_AS_USD, [accountId]);
    const instruments: InstrumentKey[] = [];
    for (const pair of pairs) {
      const answer = await venue.marketData.instrument(pair, { usdtAsUsd: rows[0]?.usdt_as_usd === true });
      if (answer.kind === 'answered') instruments.push({ pair, venueSymbol: answer.value.venueSymbol });
      else
        missing.push({
          what: 'fills',
          reason: `${pair}: ${answer.kind === 'refused' ? answer.code : (answer.code ?? answer.reason)}`,
        });
    }
    return instruments;
  }

  async #clientIdsOf(accountId: string, venueOrderIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.#parts.db.query<{ venue_order_id: string; client_order_id: string }>(CLIENT_IDS, [
      accountId,
      [...new Set(venueOrderIds)],
    ]);
    return new Map(rows.map(({ venue_order_id, client_order_id }) => [venue_order_id, client_order_id]));
  }

  /** The report is told once, by whoever still holds the lease. */
  async #store(tx: Tx, claimed: ClaimedRequest, state: AccountState, requestedAt: string): Promise<boolean> {
    const { request, epoch, causeId, traceparent, mode } = claimed;
    const { venue, clock, log } = this.#parts;
    const finished = await tx.query(FINISH, [request.requestId, epoch]);
    if (finished.rowCount === 0) return false;
    const fills = state.fills ?? [];
    await tx.query(LOOK_AGAIN, [
      request.accountId,
      fills.map(({ venueOrderId }) => venueOrderId),
      fills.map(({ venueSymbol }) => venueSymbol),
      fills.map(({ tradeId }) => tradeId),
    ]);
    const payload: VenueStateReported = {
      requestId: request.requestId,
      userId: request.userId,
      accountId: request.accountId,
      venue,
      mode: mode ?? 'simulated',
      ...state,
      requestedAt,
      reportedAt: new Date(clock.now()).toISOString(),
    };
    await log.append(tx, [
      {
        topic: 'VenueStateReported',
        type: 'VenueStateReported',
        key: request.userId,
        payload,
        cause: { id: causeId, traceparent },
      },
    ]);
    return true;
  }
}

const nothing = (reason: string): AccountState => ({
  missing: (['open_orders', 'balances', 'fills'] as const).map((what) => ({ what, reason })),
});

/** Page by page; an account that trades more than this between two reports is told so instead of being read without end. */
const allTrades = async (client: VenueClient, of: InstrumentKey, sinceMs: number): Promise<Answer<readonly Fill[]>> => {
  const fills: Fill[] = [];
  let cursor: TradeCursor | null = { sinceMs };
  for (let page = 0; cursor !== null && page < MAX_PAGES; page += 1) {
    const answer = await client.tradesSince(of, cursor);
    if (answer.kind === 'couldNotAsk') return answer;
    fills.push(...answer.value.fills);
    cursor = answer.value.next;
  }
  return { kind: 'answered', value: fills };
};

const MAX_PAGES = 20;

const openOrderOf = (order: VenueOrder, pair: string | undefined): NonNullable<AccountState['openOrders']>[number] => ({
  venueOrderId: order.venueOrderId,
  ...(order.clientOrderId === null ? {} : { clientOrderId: order.clientOrderId }),
  venueSymbol: order.venueSymbol,
  ...(pair === undefined ? {} : { pair: pair as `${string}-${string}` }),
  side: order.side,
  quantity: plainNumber(order.quantity),
  filledQuantity: plainNumber(order.filledQuantity),
  ...(order.limitPrice === null ? {} : { limitPrice: plainNumber(order.limitPrice) }),
});

const fillOf = (fill: Fill, clientOrderId: string | undefined): NonNullable<AccountState['fills']>[number] => ({
  tradeId: fill.tradeId,
  venueOrderId: fill.venueOrderId,
  ...(clientOrderId === undefined ? {} : { clientOrderId }),
  venueSymbol: fill.venueSymbol,
  pair: fill.pair as `${string}-${string}`,
  side: fill.side,
  quantity: plainNumber(fill.quantity),
  price: plainNumber(fill.price),
  fee: plainFee(fill.fee),
  liquidity: fill.liquidity,
  at: new Date(fill.filledAtMs).toISOString(),
});

const USDT_AS_USD = { name: 'execution-usdt-as-usd', text: 'select usdt_as_usd from accounts where account_id = $1' };
const CLIENT_IDS = {
  name: 'execution-client-ids',
  text: `select venue_order_id, client_order_id from orders where account_id = $1 and venue_order_id = any ($2::text[]) and mode <> 'simulated'`,
};
const FINISH = {
  name: 'execution-finish-request',
  text: `
    update execution_tasks set status = 'done', lease_owner = null, lease_until = null, finished_at = now()
    where task_id = $1 and lease_epoch = $2 and status = 'executing'`,
};
// A fill of one of our orders that we have not seen: the order is looked up, and the fill folded under its own lease.
const LOOK_AGAIN = {
  name: 'execution-look-again',
  text: `
    update orders o set next_poll_at = now()
    from (
      select distinct o.order_id
      from unnest($2::text[], $3::text[], $4::text[]) as seen (venue_order_id, venue_symbol, trade_id)
      join orders o on o.account_id = $1 and o.venue_order_id = seen.venue_order_id and o.mode <> 'simulated'
      where not exists (
        select from fills f where f.account_id = $1 and f.venue_symbol = seen.venue_symbol and f.trade_id = seen.trade_id and f.order_id = o.order_id)
    ) news
    where o.order_id = news.order_id`,
};
