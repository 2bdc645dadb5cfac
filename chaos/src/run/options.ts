import { VENUES, type VenueName } from '@switchyard/exchanges';
import { VENUES as SIMULATED } from '@switchyard/paper-exchange-service';
import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly transport: 'postgres' | 'kafka';
  readonly kills: number;
  readonly seed: number;
  readonly secondsBetween: number;
  readonly longestSeconds: number;
  /** Signals a second. */
  readonly rate: number;
  readonly users: number;
  readonly venues: readonly VenueName[];
  readonly replicas: number;
  readonly partitions: number;
  readonly brokers: number;
  /** Mean time between a halt's end and the next; 0: none. */
  readonly haltSeconds: number;
  /** Mean time between two limit orders that rest until they are cancelled; 0: none. */
  readonly restingSeconds: number;
  /** Time between two signals of a strategy that every user follows; 0: nobody follows one. */
  readonly strategySeconds: number;
  /** How long nothing may move at the end before what is left counts as stuck. */
  readonly patienceSeconds: number;
}

export interface Command {
  /** Undefined: those of the run that goes on. */
  readonly options: ChaosOptions | undefined;
  readonly resume: string | undefined;
  readonly out: string | undefined;
  readonly dir: string | undefined;
  /** Keep everything, though all went well. */
  readonly keep: boolean;
}

/** Those that are simulated, and that have an adapter. */
const ALL: readonly VenueName[] = SIMULATED.filter((venue) => Object.hasOwn(VENUES, venue));

export const USAGE = `npm run chaos -- --transport postgres|kafka --kills 50 --seed 7 [--out FILE]
npm run chaos -- --resume FILE            goes on with a run that was cut off: its run.jsonl

  --kills 20                  processes killed in all: services, Postgres, brokers
  --seed 1                    names the plan of faults and the load
  --seconds-between 4         mean time between two faults
  --longest-fault-seconds 30  no fault lasts longer
  --rate 20                   signals a second, all users together
  --users 24                  each has accounts at three venues or more
  --venues ${ALL.join(',')}
                              with one executor each
  --replicas 2                of each stage; the others stand by when one is killed
  --halt-seconds 10           mean time from the end of a halt (of a user, a venue, everything) to the next; 0: none
  --resting-seconds 2         mean time between two limit orders that rest until they are cancelled; 0: none
  --strategy-seconds 20       time between two signals of a strategy that every user follows; 0: none
  --partitions 24             of every topic
  --brokers 3                 Kafka nodes
  --patience-seconds 120      how long nothing may move at the end before what is left counts as stuck
  --dir DIR                   where everything is kept (default: chaos/<transport>-<seed> in $SWITCHYARD_DATA_DIR)
  --out FILE                  the result goes here too
  --keep                      keeps the data of a run without violations`;

/** Throws an `Error` whose message is for people. */
export const commandOf = (args: readonly string[]): Command => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      transport: { type: 'string' },
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      'seconds-between': { type: 'string', default: '4' },
      'longest-fault-seconds': { type: 'string', default: '30' },
      rate: { type: 'string', default: '20' },
      users: { type: 'string', default: '24' },
      venues: { type: 'string', default: ALL.join(',') },
      replicas: { type: 'string', default: '2' },
      'halt-seconds': { type: 'string', default: '10' },
      'resting-seconds': { type: 'string', default: '2' },
      'strategy-seconds': { type: 'string', default: '20' },
      partitions: { type: 'string', default: '24' },
      brokers: { type: 'string', default: '3' },
      'patience-seconds': { type: 'string', default: '120' },
      dir: { type: 'string' },
      out: { type: 'string' },
      resume: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const { transport, resume, out, dir, keep } = values;
  const command = { resume, out, dir, keep };
  if (resume !== undefined) return { ...command, options: undefined };
  if (transport !== 'postgres' && transport !== 'kafka') throw new Error('--transport takes postgres or kafka');
  return {
    ...command,
    options: {
      transport,
      kills: whole('--kills', values.kills, 1),
      seed: whole('--seed', values.seed, 0),
      secondsBetween: number('--seconds-between', values['seconds-between'], 0.1),
      longestSeconds: number('--longest-fault-seconds', values['longest-fault-seconds'], 0.5),
      rate: number('--rate', values.rate, 0.1),
      users: whole('--users', values.users, 1),
      venues: venuesOf(values.venues),
      replicas: whole('--replicas', values.replicas, 1),
      haltSeconds: number('--halt-seconds', values['halt-seconds'], 0),
      restingSeconds: number('--resting-seconds', values['resting-seconds'], 0),
      strategySeconds: number('--strategy-seconds', values['strategy-seconds'], 0),
      partitions: whole('--partitions', values.partitions, 1),
      brokers: whole('--brokers', values.brokers, 1),
      patienceSeconds: number('--patience-seconds', values['patience-seconds'], 1),
    },
  };
};

const venuesOf = (text: string): readonly VenueName[] => {
  const named = new Set(text.split(',').map((name) => name.trim()));
  const venues = ALL.filter((venue) => named.has(venue));
  if (venues.length < named.size) throw new Error(`--venues takes some of ${ALL.join(',')}`);
  return venues;
};

const number = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least)
    throw new Error(`${name} takes a number of at least ${least}`);
  return value;
};

const whole = (name: string, text: string, least: number): number => {
  const value = number(name, text, least);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} takes a whole number`);
  return value;
};
