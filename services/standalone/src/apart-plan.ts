import { createServer } from 'node:net';
import { join } from 'node:path';

/** One process of a deployment in parts. */
export interface Part {
  readonly name: string;
  /** Folder under `services/`. */
  readonly folder: string;
  /** Where it listens, on loopback or the configured host. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

const SERVICES = [
  'gateway',
  'accounts',
  'market-data',
  'signal-validation',
  'risk',
  'routing',
  'reconciliation',
  'journal',
] as const;

/**
 * Every service as a process of its own: the gateway on the first port, the others on the following ones, in this order; on any free
 * ports where the first is 0. Throws a sentence where a port is in use.
 */
export async function planParts(firstPort: number, host: string, venues: readonly string[]): Promise<readonly Part[]> {
  const programs = [
    ...SERVICES.map((folder) => ({ name: folder, folder, env: {} })),
    ...venues.map((venue) => ({ name: `execution-${venue}`, folder: 'execution', env: { SWITCHYARD_VENUE: venue } })),
  ];
  const ports = firstPort === 0 ? await freePorts(programs.length) : programs.map((_, offset) => firstPort + offset);
  const found = programs.map((program, i) => ({ ...program, port: ports[i] ?? 0 }));
  for (const { name, port } of found) {
    const problem = await listenProblem(port, host);
    if (problem === 'EADDRINUSE')
      throw new Error(
        `Port ${port}, for ${name}, is in use: stop what listens there, or start with other ones: PORT=${firstPort + 100} takes ${programs.length} from there on.`,
      );
    if (problem !== undefined) throw new Error(`${name} can't listen at ${host}:${port} (${problem}).`);
  }
  return found;
}

/** The built program of a service. */
export const scriptOf = (root: string, folder: string): string => join(root, 'services', folder, 'dist', 'main.js');

/** What keeps us from listening there, if anything does. */
export const listenProblem = (port: number, host: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });

/** All held until the last one is found, so that they differ. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once('error', reject);
            server.listen(0, '127.0.0.1', () => {
              const address = server.address();
              if (address !== null && typeof address === 'object') resolve(address.port);
            });
          }),
      ),
    );
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
