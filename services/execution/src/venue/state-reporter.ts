import type { VenueStateReported } from '@switchyard/contracts';
import type { Answer, Fill, InstrumentKey, TradeCursor, Venue, VenueClient, VenueOrder } from '@switchyard/exchanges';
import type { Mode } from '@switchyard/model';
import type { AccountClients } from '../adapters/account-clients.js';
import type { Clock } from '../ports/clock.js';
import type { ExecutionStore, ExecutionUnit } from '../ports/execution-store.js';
import type { VenueAccess } from '../ports/venue-access.js';
import type { ClaimedRequest } from '../tasks/claim.js';
import type { StateRequest } from '../tasks/task.js';
import { balanceOfVenue } from './balances.js';
import { plainFee, plainNumber } from './venue-number.js';

/** What was learned of an account; what could not be is named. */
export type AccountState = Pick<VenueStateReported, 'openOrders' | 'balances' | 'fills' | 'missing'>;

export interface ReporterParts {
  readonly store: ExecutionStore;
  readonly venue: string;
  readonly access: VenueAccess;
  readonly clients: AccountClients;
  readonly clock: Clock;
  /** What an account in mode simulated has; absent: there are none. */
  readonly simulated?: ((request: StateRequest) => Promise<AccountState>) | undefined;
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
    const { store, clock, onNews } = this.#parts;
    const requestedAt = new Date(clock.now()).toISOString();
    const state = await this.#stateOf(claimed.request, claimed.mode);
    const stored = await store.transaction((unit) => this.#store(unit, claimed, state, requestedAt));
    if (stored) onNews();
  }

  async #stateOf(request: StateRequest, mode: Mode | undefined): Promise<AccountState> {
    if (mode === undefined) return nothing('the account is not known here');
    if (mode === 'simulated')
      return this.#parts.simulated?.(request) ?? nothing('accounts in mode simulated are not kept here');
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
    const clientIds = await this.#parts.store.clientOrderIds(
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
    const usdtAsUsd = await this.#parts.store.takesUsdtAsUsd(accountId);
    const instruments: InstrumentKey[] = [];
    for (const pair of pairs) {
      const answer = await venue.marketData.instrument(pair, { usdtAsUsd });
      if (answer.kind === 'answered') instruments.push({ pair, venueSymbol: answer.value.venueSymbol });
      else
        missing.push({
          what: 'fills',
          reason: `${pair}: ${answer.kind === 'refused' ? answer.code : (answer.code ?? answer.reason)}`,
        });
    }
    return instruments;
  }

  /** The report is told once, by whoever still holds the lease. */
  async #store(
    unit: ExecutionUnit,
    claimed: ClaimedRequest,
    state: AccountState,
    requestedAt: string,
  ): Promise<boolean> {
    const { request, epoch, causeId, traceparent, mode } = claimed;
    const { venue, clock } = this.#parts;
    if (!(await unit.finishRequest(request.requestId, epoch))) return false;
    await unit.lookAgain(request.accountId, state.fills ?? []);
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
    await unit.append([
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
