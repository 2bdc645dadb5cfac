import { createServer } from 'node:net';

/** The first of so many neighbouring ports of 127.0.0.1 that are free now. */
export const freePorts = async (count: number): Promise<number> => {
  for (let first = 21_000; first < 60_000; first += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`there are no ${count} free ports side by side on 127.0.0.1`);
};

const isFree = (port: number): Promise<boolean> =>
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
