import { isSimulator } from '@switchyard/exchanges';
import type { OutgoingEvent } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import type { ExecutionConfig } from '../config.js';
import type { ExecutionMetrics } from '../metrics.js';
import type { Clock } from '../ports/clock.js';
import type { GuardStore } from '../ports/guard-store.js';
import type { VenueAccess } from '../ports/venue-access.js';
import type { VenueHealth } from '../venue/health.js';
import { Budget } from './budget.js';
import { DEFAULT_CIRCUIT } from './circuit.js';
import { limitsOf } from './limits.js';
import { SharedCircuit, type CircuitChange } from './shared-circuit.js';
import { VenueGuard } from './venue-guard.js';

export interface GuardOptions {
  readonly config: ExecutionConfig;
  readonly store: GuardStore;
  readonly logger: Logger;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly access: VenueAccess;
  readonly health: VenueHealth;
  /** Names this process; one per replica. */
  readonly owner: string;
  readonly onNews: () => void;
}

/** A guard, and what has to be listened to for it. */
export interface OpenedGuard {
  readonly guard: VenueGuard;
  readonly circuit: SharedCircuit;
  /** Hears at once what other replicas find out. @returns what ends it. */
  readonly listen: () => Promise<() => Promise<void>>;
}

export const openGuard = (options: GuardOptions): OpenedGuard => {
  const { config, store, logger, metrics, clock, access, health, owner, onNews } = options;
  const failed = (error: unknown): void => {
    metrics.failed('guard');
    logger.warn({ err: error }, 'what was learned of the venue could not be told to the other replicas');
  };
  const announce = (): void => {
    store.announce().catch(failed);
  };
  const circuit = new SharedCircuit({
    store,
    clock,
    rules: { ...DEFAULT_CIRCUIT, failures: config.breakerFailures, openMs: config.breakerOpenMs },
    prober: owner,
    eventsOf: (change) => eventsOf(config.venue, change, clock.now()),
    onChanged: ({ from, to }) => {
      metrics.circuitChanged(to);
      const level = to === 'open' ? 'warn' : 'info';
      logger[level](
        { from, to },
        to === 'open' ? 'the venue’s circuit opened: no new orders' : 'the venue’s circuit changed',
      );
      announce();
    },
    onSeen: onNews,
    onError: failed,
  });
  const guard = new VenueGuard({
    clock,
    limits: limitsOf(config.budget, access.capabilities?.rates, isSimulator(access.origin, access.rules)),
    egress: config.egress,
    budget: new Budget({
      store,
      clock,
      onView: (view) => {
        circuit.noticed(view);
      },
    }),
    circuit,
    health,
    probe: () => access.measure(),
    onClosed: (scope, forMs) => {
      logger.warn({ scope, forMs }, 'the venue told us to stay away');
      store.close(scope, forMs).then(announce, failed);
      onNews();
    },
    onHeld: (because) => {
      metrics.held(because);
    },
    onNews,
  });
  access.holdOff(() => !guard.mayAsk);
  const look = (): void => {
    guard.look().catch(failed);
  };
  return { guard, circuit, listen: () => store.onAnnounced(look) };
};

/** An opening calls a person; that a probe failed, or succeeded, does not. */
const eventsOf = (venue: string, { from, to, version }: CircuitChange, nowMs: number): readonly OutgoingEvent[] => {
  if (from !== 'closed' || to !== 'open') return [];
  const service = `execution-${venue}`;
  return [
    {
      topic: 'SystemError',
      type: 'SystemError',
      key: service,
      payload: {
        service,
        code: 'VENUE_CIRCUIT_OPEN',
        message:
          'Calls to the venue failed one after the other. New orders are held back or routed elsewhere until a probe is answered.',
        severity: 'high',
        facts: { venue },
        at: new Date(nowMs).toISOString(),
      },
      role: 'circuit-open',
      cause: { id: `circuit/${venue}/${version}` },
    },
  ];
};
