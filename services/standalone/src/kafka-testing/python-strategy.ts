import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { pythonWith } from '../../../../examples/testing/python-environment.js';

const FOLDER = join(import.meta.dirname, '../../../../examples/python');

export interface Published {
  /** As the strategy names them. */
  readonly signalIds: readonly string[];
  readonly output: string;
}

/** Installs, the first time, what the Python example needs. */
export const preparePython = (): Promise<string> => pythonWith(join(FOLDER, 'requirements.txt'));

/** Runs the Python example: users `PREFIX-1` to `PREFIX-N` take turns. */
export async function publishFromPython(
  brokers: readonly string[],
  options: { readonly prefix: string; readonly users: number; readonly signals: number; readonly perSecond: number },
): Promise<Published> {
  const python = await preparePython();
  const { prefix, users, signals, perSecond } = options;
  const args = [
    ...['--brokers', brokers.join(','), '--user-prefix', prefix, '--users', String(users)],
    ...['--signals', String(signals), '--rate', String(perSecond), '--size-quote', '50.00'],
  ];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(python, [join(FOLDER, 'strategy.py'), ...args], { timeout: 120_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`the Python strategy failed: ${stderr}`, { cause: error }));
    });
  });
  const [, run] = /signals confirmed by the broker \((.*)-1 to /.exec(output) ?? [];
  if (run === undefined) throw new Error(`not understood: ${output}`);
  return { signalIds: Array.from({ length: signals }, (_, i) => `${run}-${i + 1}`), output };
}
