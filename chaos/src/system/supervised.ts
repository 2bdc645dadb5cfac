import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface ProgramOptions {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What it writes is appended here. */
  readonly logFile: string;
  /** Told of an end that nobody here caused. */
  readonly onLost: (name: string, how: string) => void;
}

/**
 * A process that is started again whenever it ends, at once where it was killed here. It ends with us: the channel to it closes with our
 * process, and services take that for a stop.
 */
export class Supervised {
  private child: ChildProcess | undefined;
  private killed = false;
  private stopping = false;
  private again: NodeJS.Timeout | undefined;
  private paused = 0;

  constructor(private readonly options: ProgramOptions) {}

  get name(): string {
    return this.options.name;
  }

  get state(): 'running' | 'paused' | 'down' {
    if (this.child === undefined) return 'down';
    return this.paused > 0 ? 'paused' : 'running';
  }

  start(): void {
    const { script, args = [], env, logFile } = this.options;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, ['--enable-source-maps', script, ...args], {
      env,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    // A channel that breaks is a process that was killed.
    child.on('error', () => undefined);
    this.child = child;
    this.killed = false;
    this.paused = 0;
    child.once('exit', (code, signal) => {
      this.ended(child, signal ?? `exit code ${String(code)}`);
    });
  }

  /** `kill -9`, whether it runs or stands still. @returns whether there was anything to kill */
  kill(): boolean {
    if (this.child === undefined) return false;
    this.killed = true;
    return this.child.kill('SIGKILL');
  }

  /** Stands still until as many `resume` as `pause` were said, or it is another process by then. */
  pause(): () => void {
    const { child } = this;
    if (child === undefined) return () => undefined;
    this.paused += 1;
    child.kill('SIGSTOP');
    return () => {
      if (this.child !== child) return;
      this.paused -= 1;
      if (this.paused === 0) child.kill('SIGCONT');
    };
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.again);
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const insist = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
      child.once('exit', () => {
        clearTimeout(insist);
        resolve();
      });
      child.kill('SIGCONT');
      child.kill('SIGTERM');
    });
  }

  private ended(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (this.stopping) return;
    if (!this.killed) this.options.onLost(this.name, how);
    this.again = setTimeout(
      () => {
        this.start();
      },
      this.killed ? 0 : AFTER_OWN_END_MS,
    );
  }
}

const STOP_PATIENCE_MS = 10_000;
/** It ended because something that it needs is away: that is not there again at once. */
const AFTER_OWN_END_MS = 1_000;
