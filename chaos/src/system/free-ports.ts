import { createServer } from 'node:net';

/** Below those that systems deal to outgoing connections: who was killed finds its port free again. tools/kafka.mjs takes those below. */
const [LEAST, MOST] = [20_000, 30_000];

/** So many different ports of 127.0.0.1 that are free now. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const found = new Set<number>();
  while (found.size < count) {
    const port = LEAST + Math.floor(Math.random() * (MOST - LEAST));
    if (!found.has(port) && (await canListen(port))) found.add(port);
  }
  return [...found];
};

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
