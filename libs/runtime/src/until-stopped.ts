/** Resolves when the process is asked to stop, or when a part of it can only be mended by a restart. */
export const untilStopped = (broken: () => boolean): Promise<'SIGINT' | 'SIGTERM' | 'broken'> =>
  new Promise((resolve) => {
    const look = setInterval(() => {
      if (broken()) end('broken');
    }, 500);
    const end = (reason: 'SIGINT' | 'SIGTERM' | 'broken'): void => {
      clearInterval(look);
      resolve(reason);
    };
    process.once('SIGINT', () => {
      end('SIGINT');
    });
    process.once('SIGTERM', () => {
      end('SIGTERM');
    });
  });
