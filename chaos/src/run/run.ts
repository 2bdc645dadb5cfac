import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, type Verdict } from '../check/check.js';
import { RULES } from '../check/violation.js';
import { killsOf, sentenceOf } from '../plan/fault.js';
import { planOf } from '../plan/plan.js';
import { Deployment } from '../system/deployment.js';
import { processesOf } from '../system/processes.js';
import { gather } from './gather.js';
import { Injector } from './injector.js';
import { Observer } from './observer.js';
import { Owners } from './owners.js';
import { quiet } from './quiet.js';
import { resultOf, type Result } from './result.js';
import type { RunFile } from './run-file.js';
import { trafficOf } from './traffic.js';

export interface RunOptions {
  readonly run: RunFile;
  readonly keep: boolean;
  readonly say: (line: string) => void;
  /** Told of what must be ended when the run is broken off. */
  readonly onStarted: (deployment: Deployment) => void;
}

export interface Outcome {
  readonly result: Result;
  /** Why the run proves that something is wrong, or proves nothing; none: all is well. */
  readonly complaints: readonly string[];
}

const ROOT = join(import.meta.dirname, '../../..');
const TELL_MS = 5_000;
/** The load goes on after the last fault. */
const AFTERWARDS_MS = 3_000;

/** Runs a plan to its end, or the rest of it, and judges. */
export const runChaos = async ({ run, keep, say, onStarted }: RunOptions): Promise<Outcome> => {
  const { options, dir } = run;
  await mkdir(dir, { recursive: true });
  const startedAt = performance.now();
  const deployment = await Deployment.start({ ...options, follows: options.strategySeconds > 0, dir, say });
  onStarted(deployment);
  say(`everything runs after ${seconds(performance.now() - startedAt)}`);
  const observer = new Observer(deployment.postgres.url);
  try {
    await hurt(run, deployment, observer, say);
    const how = await quiet({
      ...{ deployment, observer, run, patienceMs: options.patienceSeconds * 1_000, say },
    });
    say(how === 'settled' ? 'it is quiet' : `nothing has moved for ${options.patienceSeconds} s`);
    const evidence = await gather(deployment, observer, run, say);
    const verdict = check(evidence);
    const [version] = await observer.query<{ version: string }>(`select current_setting('server_version') as version`);
    const result = resultOf({
      ...{ run, evidence, verdict, root: ROOT, postgresVersion: version?.version ?? 'unknown' },
      endedByThemselves: deployment.lost.length,
    });
    const complaints = [
      ...RULES.flatMap((rule) => {
        const some = verdict.violations.filter((one) => one.rule === rule);
        return some
          .slice(0, 10)
          .map(({ sentence }) => `${rule}: ${sentence}`)
          .concat(some.length > 10 ? [`${rule}: and ${some.length - 10} more`] : []);
      }),
      // A run in which little is traded proves little.
      ...(verdict.executed * 2 < meantToTrade(verdict)
        ? [`only ${verdict.executed} of ${meantToTrade(verdict)} signals were traded: this proves nothing`]
        : []),
    ];
    await writeFile(join(dir, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
    await writeFile(join(dir, 'violations.json'), `${JSON.stringify(verdict.violations, null, 2)}\n`);
    await writeFile(join(dir, 'ended-by-themselves.txt'), deployment.lost.map((line) => `${line}\n`).join(''));
    // First: a pool whose server goes away may wait for it for ever.
    await observer.close();
    await deployment.stop();
    if (complaints.length === 0 && !keep)
      for (const part of ['postgres', 'kafka', 'venues']) await rm(join(dir, part), { recursive: true, force: true });
    return { result, complaints };
  } finally {
    await observer.close();
  }
};

/** Accepted, and neither halted nor cancelled: by somebody's wish. */
const meantToTrade = ({ accepted, reasons }: Verdict): number =>
  accepted - (reasons['TRADING_HALTED'] ?? 0) - (reasons['cancelled'] ?? 0);

/** Load and faults, until the plan is carried out, everything is healed and every signal has its answer. */
const hurt = async (
  run: RunFile,
  deployment: Deployment,
  observer: Observer,
  say: (line: string) => void,
): Promise<void> => {
  const { options } = run;
  const plan = planOf({ ...options, processes: processesOf(options).map(({ name }) => name) });
  const owners = new Owners(deployment, observer);
  const injector = new Injector(deployment, owners, say);
  const traffic = trafficOf(run, deployment);
  owners.start();
  traffic.start();
  // What was done before the run was cut off is not done again; the rest comes at its distance from it.
  const before = plan[run.position - 1]?.at ?? 0;
  let startedAt = performance.now() - before;
  const allKills = plan.reduce((sum, { fault }) => sum + killsOf(fault), 0);
  const tell = setInterval(() => {
    const { offered, accepted } = run.counts;
    const kills = run.wounds.reduce((sum, { fault }) => sum + killsOf(fault), 0);
    const wounds = deployment.wounds.join(', ');
    say(
      `${seconds(performance.now() - startedAt)}: ${kills} of ${allKills} kills, ${offered} offered, ${accepted} accepted${wounds === '' ? '' : ` (${wounds})`}`,
    );
  }, TELL_MS);
  try {
    for (const [number, { at, fault }] of plan.entries()) {
      if (number < run.position) continue;
      await pause(startedAt + at - performance.now());
      await injector.ready(fault);
      // What had to be waited for moves the rest of the plan.
      startedAt = Math.max(startedAt, performance.now() - at);
      say(`  ${sentenceOf(fault)}`);
      run.fault(number, injector.inflict(fault));
    }
    await pause(AFTERWARDS_MS);
    await injector.healed();
    for (const sentence of await traffic.stop(options.patienceSeconds * 1_000)) say(sentence);
  } finally {
    clearInterval(tell);
    owners.stop();
  }
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
