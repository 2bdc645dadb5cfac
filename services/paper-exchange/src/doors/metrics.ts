import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Exchange } from '../core/exchange.js';
import type { VenueName } from '../core/venue.js';

/** What a paper exchange counts. A registry of its own: several run in one process. */
export interface Metrics {
  readonly registry: Registry;
  readonly request: (method: string, status: number, seconds: number) => void;
  readonly fault: (name: string) => void;
  /** `count` tells how many streams are open. */
  readonly streams: (count: () => number) => void;
}

export const metricsOf = (venue: VenueName, exchange: Exchange): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ venue });
  const registers = [registry];
  const requests = new Histogram({
    name: 'switchyard_paper_request_seconds',
    help: 'Time to answer a request in the venue’s dialect, faults apart.',
    labelNames: ['method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5],
    registers,
  });
  const faults = new Counter({
    name: 'switchyard_paper_faults_total',
    help: 'Requests, and messages of streams, struck by a fault that was switched on by hand.',
    labelNames: ['fault'],
    registers,
  });
  const count = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  count('switchyard_paper_accounts', 'Accounts that are open.', () => exchange.state.accounts.size);
  count('switchyard_paper_orders', 'Orders received so far, refused ones too.', () => exchange.received);
  count('switchyard_paper_resting_orders', 'Orders that rest.', () =>
    [...exchange.state.instruments.keys()].reduce((sum, symbol) => sum + exchange.state.restingCount(symbol), 0),
  );
  return {
    registry,
    request: (method, status, seconds) => {
      requests.observe({ method, status: String(status) }, seconds);
    },
    fault: (fault) => {
      faults.inc({ fault });
    },
    streams: (open) => {
      count('switchyard_paper_streams', 'WebSockets that are open.', open);
    },
  };
};
