import { createHash } from 'node:crypto';
import type { Instrument, InstrumentKey } from '../instruments.js';
import type { NewOrder, VenueOrder } from '../orders.js';
import type { Answer, PlaceOutcome, Refused } from '../outcomes.js';
import type { Credentials, PlaceLimits, Venue, VenueClient } from '../port.js';
import type { BookSides, ContractWorld } from './world.js';

/** The book of every case: three levels a side around 64,000, so that prices and sums can be read off. */
export const BOOK: BookSides = {
  bids: [
    ['63990.00', '0.50000'],
    ['63980.00', '0.50000'],
    ['63970.00', '1.00000'],
  ],
  asks: [
    ['64010.00', '0.01000'],
    ['64020.00', '0.02000'],
    ['64030.00', '1.00000'],
  ],
};

/** A venue with the book set and one funded account. */
export interface Scene {
  readonly world: ContractWorld;
  readonly instrument: Instrument;
  readonly client: VenueClient;
  readonly credentials: Credentials;
}

export const scene = async (world: ContractWorld): Promise<Scene> => {
  await world.setBook(BOOK);
  const instrument = answered(await listed(world.venue, world.pair));
  const credentials = await world.account({ base: '10', quote: '1000000' });
  return { world, instrument, credentials, client: world.venue.client(credentials, world.permit) };
};

/** The listings are loaded before a case begins; on a busy machine that may take longer than the deadline that its faults need. */
export const listed = async (venue: Venue, pair: string): Promise<Answer<Instrument> | Refused> => {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await venue.marketData.instrument(pair, { usdtAsUsd: false });
    if (answer.kind !== 'couldNotAsk' || attempt === 10) return answer;
  }
};

/** Client order ids as the executor derives them: 32 hex characters, a function of what the order is for. */
export const idOf = (what: string): string => createHash('sha256').update(what).digest('hex').slice(0, 32);

/** A limit buy that rests below the book, changed as the case wants. */
export const order = (of: InstrumentKey, change: Partial<NewOrder> = {}): NewOrder => ({
  pair: of.pair,
  venueSymbol: of.venueSymbol,
  clientOrderId: idOf('one'),
  side: 'buy',
  orderType: 'limit',
  timeInForce: 'gtc',
  quantity: '0.01',
  limitPrice: '60000',
  stopPrice: null,
  postOnly: false,
  displayQuantity: null,
  ...change,
});

export const market = (of: InstrumentKey, change: Partial<NewOrder> = {}): NewOrder =>
  order(of, { orderType: 'market', limitPrice: null, ...change });

export const refOf = ({ pair, venueSymbol, clientOrderId }: NewOrder, venueOrderId: string | null = null) => ({
  pair,
  venueSymbol,
  clientOrderId,
  venueOrderId,
});

export const soon = (change: Partial<PlaceLimits> = {}): PlaceLimits => ({
  sendBy: performance.now() + 30_000,
  recvWindowMs: 5_000,
  ...change,
});

export const answered = <T>(answer: Answer<T> | Refused): T => {
  if (answer.kind !== 'answered') throw new Error(`expected an answer, got ${JSON.stringify(answer)}`);
  return answer.value;
};

export const acceptedOrder = async (client: VenueClient, outcome: PlaceOutcome, of: NewOrder): Promise<VenueOrder> => {
  if (outcome.kind !== 'accepted') throw new Error(`expected the order to be accepted, got ${JSON.stringify(outcome)}`);
  if (outcome.order !== null) return outcome.order;
  const found = await client.lookup(refOf(of, outcome.venueOrderId));
  if (found.kind !== 'found') throw new Error(`expected the accepted order to be found, got ${JSON.stringify(found)}`);
  return found.order;
};
