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
}

export const VENUE = 'binance';

const DOORS = ['gateway', 'accounts', 'market-data'] as const;
const STAGES = ['signal-validation', 'risk', 'routing', 'execution', 'reconciliation', 'journal'] as const;

/** Every service of a deployment; of each stage as many replicas as are wanted: the others stand by when one is killed. */
export const processesOf = (replicas: number): readonly ServiceProcess[] => [
  ...DOORS.map((folder) => ({ name: folder, folder, deployment: folder, instance: 'one' })),
  ...STAGES.flatMap((folder) =>
    Array.from({ length: replicas }, (_, i) => {
      const deployment = folder === 'execution' ? `execution-${VENUE}` : folder;
      return { name: `${deployment}-${i + 1}`, folder, deployment, instance: String(i + 1) };
    }),
  ),
];

/** How a process is named among the members of its groups, as the runtime does. */
export const memberOf = ({ deployment, instance }: ServiceProcess): string => `${deployment}-${instance}`;

/** How a process is named to the brokers, as the runtime does. */
export const kafkaIdOf = (process: ServiceProcess): string => `switchyard.${memberOf(process)}`;
