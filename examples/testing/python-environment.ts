import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'switchyard');

/** Why Python packages can't be installed here, in a sentence; undefined where they can. Reaches for no network. */
export const missingForPython = (): string | undefined => {
  if (spawnSync('python3', ['--version']).status !== 0) return 'there is no python3 on the PATH';
  return spawnSync('python3', ['-c', 'import venv, ensurepip, ssl']).status === 0
    ? undefined
    : 'this python3 comes without venv or pip (Debian: apt install python3-venv)';
};

/**
 * The interpreter of a virtual environment that holds what a requirements file asks for; made where it is missing, kept in the user's
 * cache for as long as file and Python are the same. Two processes may make it at once: the first to finish wins.
 */
export const pythonWith = async (requirements: string): Promise<string> => {
  const { stdout: version } = await run('python3', ['-c', 'import sys; print(sys.version, sys.prefix)']);
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .update(version);
  const home = join(cache, `python-${hash.digest('hex').slice(0, 16)}`);
  const interpreter = join(home, 'bin', 'python');
  if (existsSync(interpreter)) return interpreter;

  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(`${home}-`);
  try {
    await run('python3', ['-m', 'venv', scratch]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await run(join(scratch, 'bin', 'python'), install);
    await rename(scratch, home);
  } catch (error) {
    if (!existsSync(interpreter)) throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return interpreter;
};
