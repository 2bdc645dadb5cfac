import { mayUse, type OriginPermit } from '../origin.js';
import { venueContract, type ContractWorld } from '../contract/index.js';
import { openVenue } from '../venues.js';
import { binanceCapabilities } from './capabilities.js';
import { FakeBinance } from './fake-binance.js';

const paperPermit = (origin: string): OriginPermit => {
  const answer = mayUse('paper', origin, {
    venue: binanceCapabilities.origins,
    liveTradingEnabled: false,
    simulatedOrigins: [],
    allowedLiveOrigins: [],
  });
  if (answer.kind === 'refused') throw new Error(answer.message);
  return answer.permit;
};

venueContract(
  'Binance',
  binanceCapabilities,
  async (deadlineMs): Promise<ContractWorld> => {
    const fake = await FakeBinance.start();
    const venue = await openVenue('binance', { origin: fake.origin, transport: { deadlineMs } });
    return {
      venue,
      permit: paperPermit(fake.origin),
      pair: 'BTC-USDT',
      aliasPair: 'BTC-USD',
      account: ({ base, quote }) => Promise.resolve(fake.account({ BTC: base, USDT: quote })),
      setBook: (book) => {
        fake.setBook(book);
        return Promise.resolve();
      },
      fault: (fault, target, count) => {
        if (target !== 'all') fake.fault(fault, target, count);
        return Promise.resolve();
      },
      clearFaults: () => {
        fake.clearFaults();
        return Promise.resolve();
      },
      forget: (_, clientOrderId) => {
        fake.forget(clientOrderId);
        return Promise.resolve();
      },
      skewClock: (milliseconds) => {
        fake.skewClock(milliseconds);
        return Promise.resolve();
      },
      ledger: () => Promise.resolve(fake.ledger()),
      close: async () => {
        await venue.close();
        await fake.close();
      },
    };
  },
  { lacks: ['refuse', 'duplicate_fill', 'late_fill', 'forget', 'fees'] },
);
