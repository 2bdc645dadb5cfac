import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface Program {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** A file that takes what it writes to its standard output. */
  readonly output?: string | undefined;
  /** Resolves when the program is ready to work; without it the program says so itself (`process.send('ready')`). */
  readonly ready?: () => Promise<void>;
}

export interface RunningProgram {
  readonly name: string;
  readonly pid: number;
  /** Has it begin a CPU profile, or end it and write it to the file. Only programs that listen to it. */
  profile(command: ProfileCommand): Promise<void>;
  stop(): Promise<void>;
}

export interface ProfileCommand {
  readonly file?: string;
}

/** Starts a program and waits until it is ready. Its early end is an error, then and later. */
export const startProgram = async (program: Program): Promise<RunningProgram> => {
  const output = program.output === undefined ? undefined : openSync(program.output, 'a');
  const child = spawn(process.execPath, [program.script, ...(program.args ?? [])], {
    env: program.env,
    stdio: ['ignore', output ?? 'ignore', 'inherit', 'ipc'],
  });
  if (output !== undefined) closeSync(output);
  const { pid } = child;
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`${program.name} ended before it was ready (${signal ?? `exit code ${String(code)}`})`));
    });
  });
  const ready =
    program.ready?.() ??
    new Promise<void>((resolve) =>
      child.once('message', () => {
        resolve();
      }),
    );
  ended.catch(() => undefined);
  try {
    await Promise.race([ready, ended]);
  } catch (error) {
    await stop(child);
    throw error;
  }
  if (pid === undefined) throw new Error(`${program.name} has no process id`);
  return {
    name: program.name,
    pid,
    profile: async (command) => {
      const done = new Promise((resolve) => child.once('message', resolve));
      child.send(command);
      await done;
    },
    stop: () => stop(child),
  };
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const insist = setTimeout(() => child.kill('SIGKILL'), 20_000);
    child.once('exit', () => {
      clearTimeout(insist);
      resolve();
    });
    child.kill('SIGTERM');
  });
};

/** Until a URL answers 200. */
export const answering = async (url: string, patienceMs = 60_000): Promise<void> => {
  const end = performance.now() + patienceMs;
  for (;;) {
    const ok = await fetch(url).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
    if (ok) return;
    if (performance.now() > end) throw new Error(`${url} is not ready after ${patienceMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
