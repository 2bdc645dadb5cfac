import { VENUES, type VenueName } from '@switchyard/exchanges';
import { VENUES as SIMULATED } from '@switchyard/paper-exchange-service';
import { parseArgs } from 'node:util';

export type Transport = 'postgres' | 'kafka';
export type Mode = 'simulated' | 'paper';

export interface PipelineOptions {
  readonly transport: Transport;
  readonly modes: readonly Mode[];
  /** Of load per mode, over all rounds. */
  readonly seconds: number;
  readonly rounds: number;
  /** Of the run at 100 signals/s; 0 leaves it out. */
  readonly latencySeconds: number;
  readonly users: number;
  /** Every user has an account at each; entries wish for one after the other. */
  readonly venues: readonly VenueName[];
  /** Most signals under way at once: in simulated mode, and in paper mode. */
  readonly bound: Readonly<Record<Mode, number>>;
  /** A process a service, instead of all services in one. */
  readonly apart: boolean;
  readonly ceiling: boolean;
  /** Where a CPU profile of the services is written. */
  readonly profile: string | undefined;
}

export const PIPELINE_USAGE =
  '--transport postgres|kafka [--mode simulated|paper] [--seconds 18] [--rounds 3] [--latency-seconds 15] [--users 500] [--venues binance|all|okx,kraken] [--bound 2000] [--paper-bound 300] [--apart] [--no-ceiling] [--profile DIR]';

/** Throws an `Error` whose message is for people. */
export const pipelineOptions = (args: readonly string[]): PipelineOptions => {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      transport: { type: 'string', default: 'postgres' },
      mode: { type: 'string' },
      seconds: { type: 'string', default: '18' },
      rounds: { type: 'string', default: '3' },
      'latency-seconds': { type: 'string', default: '15' },
      users: { type: 'string', default: '500' },
      venues: { type: 'string', default: 'binance' },
      bound: { type: 'string', default: '2000' },
      'paper-bound': { type: 'string', default: '300' },
      apart: { type: 'boolean', default: false },
      ceiling: { type: 'boolean', default: true },
      profile: { type: 'string' },
    },
  });
  const { transport, mode } = values;
  if (transport !== 'postgres' && transport !== 'kafka') throw new Error('--transport takes postgres or kafka');
  if (mode !== undefined && mode !== 'simulated' && mode !== 'paper')
    throw new Error('--mode takes simulated or paper; without it both are measured');
  return {
    transport,
    modes: mode === undefined ? ['simulated', 'paper'] : [mode],
    seconds: number('--seconds', values.seconds, 1),
    rounds: number('--rounds', values.rounds, 1),
    latencySeconds: number('--latency-seconds', values['latency-seconds'], 0),
    users: number('--users', values.users, 1),
    venues: venuesOf(values.venues),
    bound: {
      simulated: number('--bound', values.bound, 1),
      paper: number('--paper-bound', values['paper-bound'], 1),
    },
    apart: values.apart,
    ceiling: values.ceiling,
    profile: values.profile,
  };
};

const ALL: readonly VenueName[] = SIMULATED.filter((venue) => Object.hasOwn(VENUES, venue));

/** Throws an `Error` whose message is for people. */
export const venuesOf = (text: string): readonly VenueName[] => {
  if (text === 'all') return ALL;
  const named = new Set(text.split(',').map((name) => name.trim()));
  const venues = ALL.filter((venue) => named.has(venue));
  if (venues.length < named.size) throw new Error(`--venues takes all, or some of ${ALL.join(',')}`);
  return venues;
};

const number = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new Error(`${name} takes a number of at least ${least}`);
  return value;
};
