import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  VENUES,
  mayUse,
  openVenue,
  type Credentials,
  type Instrument,
  type NewOrder,
  type VenueName,
} from '@switchyard/exchanges';
import { SIMULATED } from '@switchyard/exchanges/contract';
import { randomUUID } from 'node:crypto';
import { paperVenue, type PaperVenue } from './testing/paper-venue.js';

const TENANTS = 300;

/** A tenant's account holds an amount that nobody else's does. */
interface Tenant {
  readonly keys: Credentials;
  readonly funds: string;
  readonly clientOrderId: string;
}

const newTenants = (venue: VenueName): readonly Tenant[] =>
  Array.from({ length: TENANTS }, (_, n) => ({
    keys: SIMULATED[venue].newKeys(),
    funds: String(1_000_000 + n),
    clientOrderId: randomUUID().replaceAll('-', ''),
  }));

describe.each(Object.keys(VENUES) as readonly VenueName[])('300 tenants at %s at once', (name) => {
  let paper: PaperVenue;
  const tenants = newTenants(name);

  beforeAll(async () => {
    const dollar = VENUES[name].capabilities.quoteAliases['USD'] ?? 'USD';
    paper = await paperVenue({
      venue: name,
      accounts: tenants.map(({ keys: { apiKey, secret, passphrase }, funds }) => ({
        ...{ accountKey: apiKey, secret, balances: { [dollar]: funds } },
        ...(passphrase === undefined ? {} : { passphrase }),
      })),
    });
  }, 60_000);
  afterAll(() => paper.close());

  it('each trades with its own key, and each is told its own money', async () => {
    const [own] = tenants;
    const credentials = 'listingsNeedKey' in VENUES[name].capabilities ? { credentials: own!.keys } : {};
    const venue = await openVenue(name, { origin: paper.url, transport: { deadlineMs: 60_000 }, ...credentials });
    const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
    const use = mayUse('paper', paper.url, { ...rules, venue: venue.capabilities.origins });
    if (use.kind === 'refused') throw new Error(use.message);
    const listed = await venue.marketData.instruments();
    const instrument = listed.kind === 'answered' ? listed.value.find(({ base }) => base === 'BTC') : undefined;
    const clients = tenants.map(({ keys }) => venue.client(keys, use.permit));

    const placed = await Promise.all(
      clients.map((client, n) =>
        client.place(orderOf(instrument!, tenants[n]!), { sendBy: Infinity, recvWindowMs: 60_000 }),
      ),
    );
    expect(new Set(placed.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    const told = await Promise.all(clients.map((client) => client.balances()));
    const money = told.map((answer) =>
      answer.kind === 'answered'
        ? Math.round(Number(answer.value.find(({ asset }) => /^USD/.test(asset))?.total))
        : answer,
    );
    expect(money).toEqual(tenants.map(({ funds }) => Number(funds)));

    const sentBy = new Map((await paper.ledger()).map((row) => [row.clientOrderId, row.accountKey]));
    expect(tenants.map(({ clientOrderId }) => sentBy.get(clientOrderId))).toEqual(
      tenants.map(({ keys }) => keys.apiKey),
    );
    await venue.close();
  }, 120_000);
});

/** Far below the market, at the venue's prices: it trades nothing. */
const orderOf = (instrument: Instrument, { clientOrderId }: Tenant): NewOrder => ({
  pair: instrument.pair,
  venueSymbol: instrument.venueSymbol,
  clientOrderId,
  side: 'buy',
  orderType: 'limit',
  timeInForce: 'ioc',
  quantity: '0.01',
  limitPrice: '2000',
  stopPrice: null,
  postOnly: false,
  displayQuantity: null,
});
