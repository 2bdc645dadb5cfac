import { join } from 'node:path';
import { createLogger } from '@switchyard/observability';
import { startPaperExchange, type VenueName } from '@switchyard/paper-exchange-service';

/** The simulated venues as a program of their own: their CPU time is the outside world's. Arguments: the folder, then `venue=port` for each. */
const [dataDir = '', ...doors] = process.argv.slice(2);
const log = createLogger({ service: 'paper-exchange', level: 'warn', pretty: true });
const exchanges = await Promise.all(
  doors.map((door) => {
    const [venue = '', port = ''] = door.split('=');
    return startPaperExchange({
      venue: venue as VenueName,
      port: Number(port),
      dataDir: join(dataDir, venue),
      log: log.child({ venue }),
    });
  }),
);
process.send?.('ready');

const stop = (): void => {
  void Promise.all(exchanges.map((exchange) => exchange.close())).then(() => process.exit(0));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
process.once('disconnect', stop);
