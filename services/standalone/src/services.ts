import { accounts } from '@switchyard/accounts-service';
import { execution } from '@switchyard/execution-service';
import { gateway } from '@switchyard/gateway-service';
import { journal } from '@switchyard/journal-service';
import { marketData } from '@switchyard/market-data-service';
import { reconciliation } from '@switchyard/reconciliation-service';
import { risk } from '@switchyard/risk-service';
import { routing } from '@switchyard/routing-service';
import type { ServiceDefinition } from '@switchyard/runtime';
import { signalValidation } from '@switchyard/signal-validation-service';

/** Venues that this version trades at. */
export const VENUES = ['binance'] as const;

/** Everything but the doors, in the order in which it starts: who reads the log before who writes to it, prices first of all. */
export const STAGES: readonly ServiceDefinition<never>[] = [
  marketData,
  journal,
  reconciliation,
  ...VENUES.map((venue) => execution(venue)),
  routing,
  risk,
  signalValidation,
] as readonly ServiceDefinition<never>[];

/** Services with REST of their own: `accounts` behind the gateway, the gateway in front of everybody. */
export const DOORS = { accounts, gateway };
