import type { VenueName } from '@switchyard/exchanges';
import type { FaultName } from '@switchyard/paper-exchange-service';

/** What a process can be cut off from. */
export type Peer = 'postgres' | 'kafka' | 'venue';

/**
 * `reset`: every connection is reset, and new ones too. `silence`: connections stay, and nothing comes through until it is healed.
 * `late`: whoever sends something is reset, and what was sent arrives two seconds later all the same, when it is no longer waited for.
 */
export const CUTS = ['reset', 'silence', 'late'] as const;
export type CutKind = (typeof CUTS)[number];

export interface VenueFault {
  readonly venues: readonly VenueName[];
  readonly fault: FaultName;
  /** Of striking a request; from 0 to 1. */
  readonly probability: number;
  /** Which requests: those about orders, or every one. */
  readonly reach: 'orders' | 'all';
  /** Of `slow` and `hang_after`, milliseconds. */
  readonly ms?: number;
}

/** One thing that goes wrong, milliseconds throughout. What lasts ends by itself. */
export type Fault =
  /** `kill -9` of all of these at the same moment; the supervisor starts them again. */
  | { readonly kind: 'kill'; readonly processes: readonly string[] }
  /** SIGSTOP, SIGCONT after a while: a process that doesn't know how late it is. */
  | { readonly kind: 'pause'; readonly process: string; readonly forMs: number }
  | {
      readonly kind: 'cut';
      readonly process: string;
      readonly from: Peer;
      /** Of the venues that it calls the one that it can't reach; absent: all of them. */
      readonly venue?: VenueName;
      readonly how: CutKind;
      readonly forMs: number;
    }
  /** `kill -9` of the postmaster and all of its children; started again after a while. */
  | { readonly kind: 'killPostgres'; readonly forMs: number }
  /** `kill -9` of the broker that leads this partition of the door's topic at that moment. */
  | { readonly kind: 'killBroker'; readonly partition: number; readonly forMs: number }
  | ({ readonly kind: 'venue'; readonly forMs: number } & VenueFault);

export interface PlannedFault {
  /** Milliseconds since the load began. */
  readonly at: number;
  readonly fault: Fault;
}

/** How many processes it kills. */
export const killsOf = (fault: Fault): number => {
  switch (fault.kind) {
    case 'kill':
      return fault.processes.length;
    case 'killPostgres':
    case 'killBroker':
      return 1;
    case 'pause':
    case 'cut':
    case 'venue':
      return 0;
  }
};

/** How long it lasts, milliseconds; a kill ends with the supervisor's next start. */
export const lengthOf = (fault: Fault): number => (fault.kind === 'kill' ? 0 : fault.forMs);

/** For people. */
export const sentenceOf = (fault: Fault): string => {
  switch (fault.kind) {
    case 'kill':
      return `kill -9 ${fault.processes.join(', ')}`;
    case 'pause':
      return `${fault.process} stands still for ${seconds(fault.forMs)}`;
    case 'cut':
      return `${fault.process} is cut off from ${fault.venue ?? fault.from} (${fault.how}) for ${seconds(fault.forMs)}`;
    case 'killPostgres':
      return `kill -9 Postgres, away for ${seconds(fault.forMs)}`;
    case 'killBroker':
      return `kill -9 the broker that leads partition ${fault.partition}, away for ${seconds(fault.forMs)}`;
    case 'venue': {
      const share = `${Math.round(fault.probability * 100)} %`;
      const what = fault.reach === 'orders' ? 'what is asked about orders' : 'all that is asked';
      return `${fault.venues.join(', ')}: ${share} of ${what} meets ${fault.fault} for ${seconds(fault.forMs)}`;
    }
  }
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
