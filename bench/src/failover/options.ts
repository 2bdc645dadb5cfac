import { VENUES, type VenueName } from '@switchyard/exchanges';
import { parseArgs } from 'node:util';
import type { Transport } from '../pipeline/options.js';
import { TROUBLES, type Trouble } from './trouble.js';

export interface FailoverOptions {
  readonly transport: Transport;
  /** A process a service, as it is deployed. */
  readonly apart: boolean;
  /** Whose trouble it is. */
  readonly victim: VenueName;
  readonly troubles: readonly Trouble[];
  /** Of each trouble, one after the other. */
  readonly spells: number;
  /** How long a spell of trouble lasts. */
  readonly seconds: number;
  /** Signals a second, all the time. */
  readonly rate: number;
  readonly users: number;
  /** How long an open circuit waits before it probes; the product's default is 60. */
  readonly breakerOpenSeconds: number;
}

/** Throws an `Error` whose message is for people. */
export const failoverOptions = (args: readonly string[]): FailoverOptions => {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      transport: { type: 'string', default: 'postgres' },
      apart: { type: 'boolean', default: true },
      venue: { type: 'string', default: 'okx' },
      troubles: { type: 'string', default: Object.keys(TROUBLES).join(',') },
      spells: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '10' },
      rate: { type: 'string', default: '10' },
      users: { type: 'string', default: '24' },
      'breaker-open-s': { type: 'string', default: '60' },
    },
  });
  const { transport, venue } = values;
  if (transport !== 'postgres' && transport !== 'kafka') throw new Error('--transport takes postgres or kafka');
  if (!isVenue(venue)) throw new Error(`--venue takes one of ${Object.keys(VENUES).join(', ')}`);
  const troubles = values.troubles.split(',').filter((name): name is Trouble => Object.hasOwn(TROUBLES, name));
  if (troubles.length < values.troubles.split(',').length)
    throw new Error(`--troubles takes some of ${Object.keys(TROUBLES).join(',')}`);
  return {
    transport,
    apart: values.apart,
    victim: venue,
    troubles,
    spells: number('--spells', values.spells, 1),
    seconds: number('--seconds', values.seconds, 1),
    rate: number('--rate', values.rate, 0.1),
    users: number('--users', values.users, 1),
    breakerOpenSeconds: number('--breaker-open-s', values['breaker-open-s'], 0.1),
  };
};

const isVenue = (name: string): name is VenueName => Object.hasOwn(VENUES, name);

const number = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new Error(`${name} takes a number of at least ${least}`);
  return value;
};
