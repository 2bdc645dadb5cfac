import type { VenueName } from '@switchyard/exchanges';

/** What runs, each in a process of its own. */
export interface ServiceProcess {
  /** The supervisor's name of it: `risk-1`; services without replicas have no number. */
  readonly name: string;
  /** Folder under `services/`. */
  readonly folder: string;
  /** The stage's name, as the log knows it. */
  readonly deployment: string;
  /** Tells replicas apart. */
  readonly instance: string;
  /** The venues that it calls. */
  readonly venues: readonly VenueName[];
}

/** How many of what runs. */
export interface ProcessShape {
  /** Of each stage; the others stand by when one is killed. */
  readonly replicas: number;
  /** One executor each, with its replicas. */
  readonly venues: readonly VenueName[];
}

const DOORS = ['gateway', 'accounts', 'market-data'] as const;
const STAGES = ['signal-validation', 'risk', 'routing', 'reconciliation', 'journal'] as const;

/** Every service of a deployment, as the product is deployed: one executor for each venue. */
export const processesOf = ({ replicas, venues }: ProcessShape): readonly ServiceProcess[] => [
  ...DOORS.map((folder) => ({
    ...{ name: folder, folder, deployment: folder, instance: 'one' },
    venues: folder === 'market-data' ? venues : [],
  })),
  ...[
    ...STAGES.map((folder) => ({ folder, deployment: folder, venues: [] })),
    ...venues.map((venue) => ({ folder: 'execution', deployment: `execution-${venue}`, venues: [venue] })),
  ].flatMap((stage) =>
    Array.from({ length: replicas }, (_, i) => ({
      ...stage,
      name: `${stage.deployment}-${i + 1}`,
      instance: String(i + 1),
    })),
  ),
];

/** How a process is named among the members of its groups, as the runtime does. */
export const memberOf = ({ deployment, instance }: ServiceProcess): string => `${deployment}-${instance}`;

/** How a process is named to the brokers, as the runtime does. */
export const kafkaIdOf = (process: ServiceProcess): string => `switchyard.${memberOf(process)}`;
