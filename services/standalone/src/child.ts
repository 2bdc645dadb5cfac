import { spawn, type ChildProcess } from 'node:child_process';

export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Told of an end that nobody asked for. */
  readonly onLost: (name: string, how: string) => void;
}

/** A process of ours: started again a second after it died, unless it was asked to end. */
export class Child {
  private process: ChildProcess | undefined;
  private stopping = false;
  private restart: NodeJS.Timeout | undefined;

  constructor(private readonly options: ChildOptions) {}

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  start(): void {
    const { script, args = [], env } = this.options;
    const child = spawn(process.execPath, ['--enable-source-maps', script, ...args], {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.process = child;
    child.once('exit', (code, signal) => {
      if (this.stopping) return;
      this.options.onLost(this.name, signal ?? `exit code ${String(code)}`);
      this.restart = setTimeout(() => {
        this.start();
      }, 1_000);
    });
  }

  /** Asks to end, and insists after a while. */
  async stop(patienceMs = 15_000): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    const child = this.process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const insist = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      child.once('exit', () => {
        clearTimeout(insist);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }
}

/** Resolves when the URL answers 200; fails after the deadline with what it said last. */
export async function answers(url: string, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await fetch(url).then(
      async (response) => (response.ok ? undefined : `${String(response.status)} ${await response.text()}`),
      (error: unknown) => String(error),
    );
    if (answer === undefined) return;
    if (performance.now() > end)
      throw new Error(`${url} is not ready after ${String(Math.round(deadlineMs / 1_000))} s: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
