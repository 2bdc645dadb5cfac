export type StopReason = 'SIGINT' | 'SIGTERM' | 'abandoned' | 'broken';

/** One Ctrl-C comes several times, from the terminal and from npm, which passes it on. Later than this a second one means: at once. */
const REPEAT_MS = 2_000;

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
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const onSignal = (): void => {
        end(signal);
        setTimeout(() => process.off(signal, onSignal), REPEAT_MS).unref();
      };
      process.on(signal, onSignal);
    }
    process.once('disconnect', () => {
      end('abandoned');
    });
  });
