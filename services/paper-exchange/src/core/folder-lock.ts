import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from './system-error.js';

/** A folder that another venue writes to: two writers would destroy each other's journal. */
export class FolderInUse extends Error {}

const held = new Set<string>();

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
};

/** Takes the folder for this process until released. A lock whose process is gone counts for nothing. @throws FolderInUse */
export const lockFolder = (folder: string): (() => void) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'lock');
  const claim = (): void => {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
  };
  try {
    claim();
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    const owner = Number(readFileSync(file, 'utf8'));
    // Our own number in a lock we do not hold is an earlier life of it: in a container every process is number 1.
    if (owner === process.pid ? held.has(folder) : owner > 0 && alive(owner)) {
      throw new FolderInUse(
        `The folder ${folder} is in use by process ${owner}: stop that one, or give another folder.`,
        {
          cause: error,
        },
      );
    }
    rmSync(file);
    claim();
  }
  held.add(folder);
  return () => {
    held.delete(folder);
    rmSync(file, { force: true });
  };
};
