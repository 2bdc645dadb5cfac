import { readFile, readdir } from 'node:fs/promises';

const TICKS_PER_SECOND = 100;

/** CPU seconds that a process and all its living and reaped descendants have used; Linux. */
export const cpuOf = async (pid: number): Promise<number> => {
  const family = await descendants(pid);
  let ticks = 0;
  for (const member of family) ticks += await ticksOf(member, member !== process.pid);
  return ticks / TICKS_PER_SECOND;
};

/** Bytes of memory that a process and all its living descendants hold; what they share is counted for each. Linux. */
export const residentOf = async (pid: number): Promise<number> => {
  let bytes = 0;
  for (const member of await descendants(pid)) {
    const text = await readFile(`/proc/${String(member)}/status`, 'utf8').catch(() => '');
    bytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1_024;
  }
  return bytes;
};

/** Children that have been waited for count too, but not ours: those are other programs of the benchmark. */
const ticksOf = async (pid: number, withReaped: boolean): Promise<number> => {
  const fields = await statOf(pid);
  const [user = 0, system = 0, reapedUser = 0, reapedSystem = 0] = fields.slice(11, 15).map(Number);
  return user + system + (withReaped ? reapedUser + reapedSystem : 0);
};

/** Processes that one has started itself and that still run. */
export const childrenOf = async (pid: number): Promise<readonly number[]> =>
  [...(await parents())].filter(([, parent]) => parent === pid).map(([child]) => child);

const descendants = async (pid: number): Promise<readonly number[]> => {
  if (pid === process.pid) return [pid];
  const all = await parents();
  const found = [pid];
  for (const one of found) for (const [child, parent] of all) if (parent === one) found.push(child);
  return found;
};

const parents = async (): Promise<ReadonlyMap<number, number>> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return new Map(await Promise.all(pids.map(async (pid) => [pid, Number((await statOf(pid))[1])] as const)));
};

/** Fields of /proc/PID/stat after the name: state, parent, ... */
const statOf = async (pid: number): Promise<readonly string[]> => {
  try {
    const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
};
