import type { Credentials, VenueName } from '@switchyard/exchanges';
import { decimal, plain } from '@switchyard/money';
import type { FaultRequest, LedgerRow } from '@switchyard/paper-exchange-service';
import type { Holding, VenueRow } from '../check/evidence.js';

/** A simulated venue's control doors: its ledger, its accounts, its faults. */
export class PaperVenue {
  constructor(
    readonly venue: VenueName,
    readonly url: string,
  ) {}

  async ledger(): Promise<readonly VenueRow[]> {
    const { orders } = (await this.call('GET', '/_ledger')) as { readonly orders: readonly LedgerRow[] };
    return orders.map((row) => ({ ...row, venue: this.venue }));
  }

  async balances(): Promise<readonly Holding[]> {
    const { accounts } = (await this.call('GET', '/_accounts')) as {
      readonly accounts: readonly {
        readonly accountKey: string;
        readonly balances: Readonly<Record<string, { readonly free: string; readonly locked: string }>>;
      }[];
    };
    return accounts.flatMap(({ accountKey, balances }) =>
      Object.entries(balances).map(([currency, { free, locked }]) => ({
        accountKey,
        currency,
        quantity: plain(decimal(free).plus(decimal(locked))),
      })),
    );
  }

  /** The venue knows it already where a run goes on. */
  async openAccount(
    { apiKey, secret, passphrase }: Credentials,
    balances: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.call('POST', '/_accounts', { accountKey: apiKey, secret, passphrase, balances });
  }

  async arm(fault: FaultRequest): Promise<void> {
    await this.call('POST', '/_faults', fault);
  }

  /** Lets go of who hangs, too. */
  async clearFaults(): Promise<void> {
    await this.call('DELETE', '/_faults');
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(
        `the simulated ${this.venue} answered ${response.status} to ${method} ${path}: ${await response.text()}`,
      );
    return response.json();
  }
}
