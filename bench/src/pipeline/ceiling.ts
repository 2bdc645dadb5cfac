import type { System } from './system.js';

/** A bare relay with as many hops and bytes, on the same database or broker. */
export interface Ceiling {
  /** @returns events that went over all hops, per second */
  run(seconds: number): Promise<number>;
  close(): Promise<void>;
}

export const openCeiling = async (system: System, bytes: number, hops: number): Promise<Ceiling | undefined> =>
  system.brokers === undefined
    ? (await import('./log-ceiling.js')).openLogCeiling(system, bytes, hops)
    : (await import('./kafka-ceiling.js')).openKafkaCeiling(system.brokers, bytes, hops);
