import { readFile, rm, writeFile } from 'node:fs/promises';
import { EmbeddedPostgresError } from './failure.js';
import { birthOf, isAlive } from './processes.js';

/** Marks a data folder as used by this process. Throws where another that lives has it: its server must not be taken for an orphan. */
export const takeOwnership = async (file: string, dataDir: string): Promise<void> => {
  const mine = `${process.pid} ${(await birthOf(process.pid)) ?? ''}\n`;
  for (;;) {
    try {
      await writeFile(file, mine, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = await livingOwner(file);
    if (pid !== undefined)
      throw new EmbeddedPostgresError(
        pid === process.pid
          ? `The data folder ${dataDir} is already in use by this process.`
          : `The data folder ${dataDir} is in use by another Switchyard (process ${pid}): stop that one, or set SWITCHYARD_DATA_DIR to another folder.`,
      );
    await rm(file, { force: true });
  }
};

export const giveUpOwnership = (file: string): Promise<void> => rm(file, { force: true });

/** The process that a mark names, if it is still the same one. */
export const livingOwner = async (file: string): Promise<number | undefined> => {
  const [pid, birth] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ', 2);
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0 || !isAlive(number)) return undefined;
  return birth === undefined || birth === '' || birth === (await birthOf(number)) ? number : undefined;
};
