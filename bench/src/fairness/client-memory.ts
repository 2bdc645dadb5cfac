import { mayUse, openVenue, simulatedCredentials, VENUES } from '@switchyard/exchanges';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const CLIENTS = 500;

/** Kilobytes of heap that one account's client at Binance holds, in a process that has a thousand of them. */
export const clientKilobytes = async (origin: string): Promise<number> => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const venue = await openVenue('binance', { origin });
  const { live, testnet } = VENUES.binance.capabilities.origins;
  const rules = { venue: { live, testnet }, liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
  const permitted = mayUse('paper', origin, rules);
  if (permitted.kind === 'refused') throw new Error(permitted.message);
  const make = (first: number) =>
    Array.from({ length: CLIENTS }, (_, n) =>
      venue.client(simulatedCredentials('binance', `client ${first + n}`), permitted.permit, () => undefined),
    );
  try {
    const warm = make(0);
    collect();
    const before = process.memoryUsage().heapUsed;
    const clients = make(CLIENTS);
    collect();
    const bytes = process.memoryUsage().heapUsed - before;
    // Still in use when it was measured.
    return bytes / Math.max(clients.length, warm.length) / 1_024;
  } finally {
    await venue.close();
  }
};
