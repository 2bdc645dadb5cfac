import { spawn, type ChildProcess } from 'node:child_process';
import { BAD_CONFIG_EXIT_CODE, BadSettings } from '@switchyard/config';

export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Told of an end that nobody asked for. */
  readonly onLost: (name: string, how: string) => void;
}

/** A process of ours: started again when it died, unless it was asked to end or its settings can't be right. */
export class Child {
  private process: ChildProcess | undefined;
  private stopping = false;
  private restart: NodeJS.Timeout | undefined;
  private startedAt = 0;
  private quickDeaths = 0;
  private misconfigured = false;

  constructor(private readonly options: ChildOptions) {}

  get name(): string {
    return this.options.name;
  }

  start(): void {
    const { script, env } = this.options;
    const child = spawn(process.execPath, ['--enable-source-maps', script], {
      env,
      // In a group of its own: a terminal's Ctrl-C reaches us alone, and we say who ends when. The channel tells it when we are gone.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.process = child;
    this.startedAt = performance.now();
    child.once('exit', (code, signal) => {
      if (!this.stopping) this.ended(code, signal);
    });
  }

  /** Resolves when the URL answers 200; fails after the deadline with what it said last, and at once where a restart can't help. */
  async ready(url: string, deadlineMs: number): Promise<void> {
    const end = performance.now() + deadlineMs;
    for (;;) {
      const answer = await answerOf(url);
      if (answer === undefined) return;
      if (this.misconfigured) throw new BadSettings(`${this.name} does not start: its settings are wrong, see above.`);
      if (performance.now() > end)
        throw new Error(`${this.name} is not ready after ${String(Math.round(deadlineMs / 1_000))} s: ${answer}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
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

  private ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.misconfigured = code === BAD_CONFIG_EXIT_CODE;
    if (this.misconfigured) return;
    this.options.onLost(this.name, signal ?? `exit code ${String(code)}`);
    this.quickDeaths = performance.now() - this.startedAt < QUICK_MS ? this.quickDeaths + 1 : 1;
    this.restart = setTimeout(
      () => {
        this.start();
      },
      Math.min(FIRST_WAIT_MS * 2 ** (this.quickDeaths - 1), LONGEST_WAIT_MS),
    );
  }
}

/** Who lived shorter than this died at its start: the next one waits twice as long. */
const QUICK_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Undefined where it answers 200, else what it said. */
const answerOf = (url: string): Promise<string | undefined> =>
  fetch(url).then(
    async (response) => (response.ok ? undefined : `${String(response.status)} ${await response.text()}`),
    (error: unknown) => (error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)),
  );
