import { accounts } from '@switchyard/accounts-service';
import { VENUES as ADAPTERS, type VenueName } from '@switchyard/exchanges';
import { execution } from '@switchyard/execution-service';
import { gateway } from '@switchyard/gateway-service';
import { journal } from '@switchyard/journal-service';
import { marketData } from '@switchyard/market-data-service';
import { VENUES as KNOWN_VENUES } from '@switchyard/model';
import { reconciliation } from '@switchyard/reconciliation-service';
import { risk } from '@switchyard/risk-service';
import { routing } from '@switchyard/routing-service';
import type { ServiceDefinition } from '@switchyard/runtime';
import { signalValidation } from '@switchyard/signal-validation-service';

/** Venues that this version trades at: those that have an adapter, in the order in which their simulators get ports. */
export const VENUES: readonly VenueName[] = KNOWN_VENUES.filter((venue) => Object.hasOwn(ADAPTERS, venue));

/** A service whose configuration is its own affair. */
export type AnyService = ServiceDefinition;

const anyService = <Config>(definition: ServiceDefinition<Config>): AnyService => definition as unknown as AnyService;

/** Everything but the doors, in the order in which it starts: who reads the log before who writes to it, prices first of all. */
export const stagesOf = (venues: readonly VenueName[]): readonly AnyService[] => [
  anyService(marketData),
  anyService(journal),
  anyService(reconciliation),
  ...venues.map((venue) => anyService(execution(venue))),
  anyService(routing),
  anyService(risk),
  anyService(signalValidation),
];

/** Services with REST of their own: `accounts` behind the gateway, the gateway in front of everybody. */
export const DOORS = { accounts, gateway };
