import { BadSettings, describeProblems, parseConfig, type ConfigProblem, type Environment } from '@switchyard/config';
import { listenProblem } from './apart-plan.js';
import { paperPorts } from './paper-venues.js';
import { DOORS, stagesOf, VENUES } from './services.js';
import { standaloneSettings, type StandaloneSettings } from './settings.js';

/** Settled while it starts, so nobody can have set them wrongly. */
const GIVEN = { SWITCHYARD_ACCOUNTS_URL: 'http://127.0.0.1' };

/** Our own settings, once those of every service are found to be good too: whatever is wrong is said at once. Throws `BadSettings`. */
export function readSettings(env: Environment): StandaloneSettings {
  const own = parseConfig(standaloneSettings, env);
  const problems = new Map<string, ConfigProblem>();
  const note = (found: readonly ConfigProblem[]): void => {
    for (const one of found) if (!problems.has(one.variable)) problems.set(one.variable, one);
  };
  if (!own.ok) note(own.problems);
  for (const { config } of [DOORS.accounts, ...stagesOf(own.ok ? own.config.venues : VENUES), DOORS.gateway]) {
    const parsed = parseConfig<unknown>(config, { ...env, ...GIVEN });
    if (!parsed.ok) note(parsed.problems);
  }
  if (!own.ok || problems.size > 0) throw new BadSettings(describeProblems([...problems.values()], 'Switchyard'));
  return own.config;
}

/** Throws a sentence where a port is taken, before anything is started that would have to be stopped again. */
export async function checkPorts(settings: StandaloneSettings): Promise<void> {
  const { port, host, paper } = settings;
  const wanted = [
    { port, host, other: 'PORT=8090' },
    ...(paper ? paperPorts(settings) : []).map((taken) => ({
      port: taken,
      host: '127.0.0.1',
      other: 'SWITCHYARD_PAPER_PORT=9101',
    })),
  ];
  for (const { port: number, host: at, other } of wanted) {
    const problem = await listenProblem(number, at);
    if (problem === 'EADDRINUSE')
      throw new Error(
        `Port ${number} is in use: stop what listens there (another Switchyard?), or start with another one: ${other} npm start`,
      );
    if (problem !== undefined)
      throw new Error(`Nothing can listen at ${at}:${number} (${problem}): name another place.`);
  }
}
