import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** The command line of a process, or undefined where there is none. Numbers are used again, so a bare pid proves nothing. */
export const commandOf = async (pid: number): Promise<string | undefined> => {
  if (!isAlive(pid)) return undefined;
  try {
    const command =
      platform() === 'linux'
        ? (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
        : (await run('ps', ['-p', String(pid), '-o', 'command='])).stdout;
    // One that has ended and was not yet collected by its parent has a pid, and no command.
    return command.trim() || undefined;
  } catch {
    return undefined;
  }
};

/** When a process began, in a form that only compares: with the pid it names one process of this boot. Undefined: not known. */
export const birthOf = async (pid: number): Promise<string | undefined> => {
  try {
    if (platform() !== 'linux') return (await run('ps', ['-p', String(pid), '-o', 'lstart='])).stdout.trim();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the command in parentheses before it may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

/** @returns whether the condition came true in time. */
export const until = async (condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await delay(10);
  }
  return true;
};
