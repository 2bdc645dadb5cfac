import { join } from 'node:path';
import { VENUES } from './services.js';

/** One process of a deployment in parts. */
export interface Part {
  readonly name: string;
  /** Folder under `services/`. */
  readonly folder: string;
  /** Added to the first port. */
  readonly offset: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Every service as a process of its own: the gateway on the first port, the others on the following ones, in this order. */
export const parts = (): readonly Part[] => {
  const services = [
    'gateway',
    'accounts',
    'market-data',
    'signal-validation',
    'risk',
    'routing',
    'reconciliation',
    'journal',
  ];
  return [
    ...services.map((folder) => ({ name: folder, folder, env: {} })),
    ...VENUES.map((venue) => ({ name: `execution-${venue}`, folder: 'execution', env: { SWITCHYARD_VENUE: venue } })),
  ].map((part, offset) => ({ ...part, offset }));
};

/** The built program of a service. */
export const scriptOf = (root: string, folder: string): string => join(root, 'services', folder, 'dist', 'main.js');
