import { lengthOf, type Fault } from './plan/fault.js';

/** A fault as it was carried out. */
export interface Wound {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly fault: Fault;
  /** Partitions that those who were killed had at that moment. */
  readonly partitions: readonly number[];
}

/** An order that reached a venue. */
export interface Sent {
  readonly venue: string;
  /** Milliseconds since 1970, by its clock, which is the machine's. */
  readonly at: number;
  /** Of its user. */
  readonly partition: number;
  /** When its signal was offered, milliseconds since 1970. */
  readonly offeredAt: number;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly kills: number;
}

/** From a kill to the first order that reached a venue afterwards, milliseconds. Kills that left no replica standing by are not measured. */
export interface Recovery {
  /** An executor was killed: the next order at its venue. */
  readonly executor: Spread | undefined;
  /**
   * A stage was killed, an executor too: the first order of a signal that was offered after the kill, of a user whose partition the dead
   * one had. Somebody else had to take the partition over first.
   */
  readonly consumer: Spread | undefined;
  /** Postgres was killed, and away for as long as the plan says: the first order of a signal that was offered after the kill. */
  readonly postgres: Spread | undefined;
  /** A broker was killed: the same, of a user of any partition that it led or not. */
  readonly broker: Spread | undefined;
}

export interface Measuring {
  /** Only kills in whose recovery nothing else went wrong. */
  readonly alone: boolean;
  /** Of each stage. */
  readonly replicas: number;
}

export const recoveryOf = (
  wounds: readonly Wound[],
  sent: readonly Sent[],
  { alone, replicas }: Measuring,
): Recovery => {
  const inTime = [...sent].sort((a, b) => a.at - b.at);
  const measure = (
    which: (wound: Wound) => boolean,
    counts: (sent: Sent, wound: Wound) => boolean,
  ): Spread | undefined => {
    const times = wounds.filter(which).flatMap((wound) => {
      const first = inTime.find((one) => one.at > wound.at && counts(one, wound));
      if (first === undefined || (alone && disturbed(wound, first.at, wounds))) return [];
      return [first.at - wound.at];
    });
    return spreadOf(times);
  };
  const offeredLater = (one: Sent, { at }: Wound): boolean => one.offeredAt > at;
  return {
    executor: measure(killsOf(/^execution-/, replicas), (one, wound) => executorsOf(wound).includes(one.venue)),
    consumer: measure(
      killsOf(/^(signal-validation|risk|routing|execution)-/, replicas),
      (one, wound) => offeredLater(one, wound) && wound.partitions.includes(one.partition),
    ),
    postgres: measure(({ fault }) => fault.kind === 'killPostgres', offeredLater),
    broker: measure(({ fault }) => fault.kind === 'killBroker', offeredLater),
  };
};

/** The venues whose executors were killed. */
const executorsOf = ({ fault }: Wound): readonly string[] =>
  fault.kind === 'kill' ? fault.processes.flatMap((name) => /^execution-(.+)-\d+$/.exec(name)?.[1] ?? []) : [];

const killsOf =
  (names: RegExp, replicas: number) =>
  ({ fault, partitions }: Wound): boolean => {
    if (fault.kind !== 'kill' || partitions.length === 0) return false;
    const stages = fault.processes.filter((name) => names.test(name)).map((name) => name.replace(/-\d+$/, ''));
    return (
      stages.length > 0 &&
      stages.every((stage) => stages.filter((other) => other === stage).length < Math.max(2, replicas))
    );
  };

/** How long a process that was killed is at its start again. */
const START_MS = 5_000;

const disturbed = (wound: Wound, until: number, wounds: readonly Wound[]): boolean =>
  wounds.some(({ at, fault }) => {
    if (at === wound.at) return false;
    const end = at + Math.max(lengthOf(fault), START_MS);
    return at < until && end > wound.at;
  });

const spreadOf = (times: readonly number[]): Spread | undefined => {
  if (times.length === 0) return undefined;
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), kills: times.length };
};
