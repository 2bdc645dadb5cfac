export type StopReason = 'SIGINT' | 'SIGTERM' | 'abandoned' | 'broken';

/**
 * Resolves when the process is asked to stop, when a part of it can only be mended by a restart, or when who started it with a channel to
 * itself (`start:kafka` does) is gone, so that nobody is left who would stop it.
 */
export const untilStopped = (broken: () => boolean): Promise<StopReason> =>
  new Promise((resolve) => {
    const look = setInterval(() => {
      if (broken()) end('broken');
    }, 500);
    const end = (reason: StopReason): void => {
      clearInterval(look);
      resolve(reason);
    };
    process.once('SIGINT', () => {
      end('SIGINT');
    });
    process.once('disconnect', () => {
      end('abandoned');
    });
    process.once('SIGTERM', () => {
      end('SIGTERM');
    });
  });
