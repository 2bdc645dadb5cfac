import { RestClient } from './rest-client.js';

/** A row of the simulated venue's ledger: what it knows of one order, whoever forgot it. */
export interface LedgerRow {
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly accountKey: string;
  readonly venueSymbol: string;
  readonly side: string;
  readonly status: string;
  readonly refusedWith?: unknown;
  readonly quantity: string;
  readonly fills: readonly {
    readonly tradeId: string;
    readonly quantity: string;
    readonly price: string;
    readonly fee: string;
    readonly feeCurrency: string;
  }[];
}

/** The doors that no real venue has: its ledger, its faults, its books. */
export class PaperVenue {
  private readonly rest: RestClient;

  constructor(url: string) {
    this.rest = new RestClient(url, undefined);
  }

  async ledger(accountKey?: string): Promise<readonly LedgerRow[]> {
    const { body } = await this.rest.get(
      `/_ledger${accountKey === undefined ? '' : `?accountKey=${encodeURIComponent(accountKey)}`}`,
    );
    return body.orders as readonly LedgerRow[];
  }

  async openAccount(accountKey: string, secret: string, balances: Readonly<Record<string, string>>): Promise<void> {
    expectStatus(await this.rest.post('/_accounts', { accountKey, secret, balances }), 201);
  }

  async fault(fault: Readonly<Record<string, unknown>>): Promise<void> {
    expectStatus(await this.rest.post('/_faults', fault), 201);
  }

  /** Those that will still strike. */
  async faults(): Promise<readonly unknown[]> {
    return (await this.rest.get('/_faults')).body.faults as readonly unknown[];
  }

  async clearFaults(): Promise<void> {
    expectStatus(await this.rest.delete('/_faults'), 200);
  }

  /** A book that stands still, so that an expected price is known; deep enough for every test, unless a size is given. */
  async setBook(symbol: string, bid: string, ask: string, size = '5000'): Promise<void> {
    const side = (price: string): readonly (readonly [string, string])[] => [[price, size]];
    expectStatus(await this.rest.post('/_book', { symbol, bids: side(bid), asks: side(ask) }), 200);
  }
}

const expectStatus = (answer: { readonly status: number; readonly body: unknown }, status: number): void => {
  if (answer.status !== status)
    throw new Error(`the simulated venue answered ${answer.status}: ${JSON.stringify(answer.body)}`);
};

/** Orders of which the venue has two that it did not refuse, under one client order id. Must stay empty, whatever happens. */
export const doubled = (ledger: readonly LedgerRow[]): readonly string[] => {
  const seen = new Set<string>();
  return ledger.flatMap(({ clientOrderId, refusedWith }) => {
    if (refusedWith !== undefined && refusedWith !== null) return [];
    if (seen.has(clientOrderId)) return [clientOrderId];
    seen.add(clientOrderId);
    return [];
  });
};
