import { createLogger } from '@switchyard/observability';
import { startPaperExchange } from '@switchyard/paper-exchange-service';

/** The simulated venue as a process of its own, which ends with the run that started it. Arguments: port, folder. */
const [port = '', dataDir = ''] = process.argv.slice(2);
const exchange = await startPaperExchange({
  venue: 'binance',
  port: Number(port),
  dataDir,
  log: createLogger({ service: 'paper-exchange', level: 'warn', pretty: true }),
});

const stop = (): void => {
  void exchange.close().then(() => process.exit(0));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
process.once('disconnect', stop);
