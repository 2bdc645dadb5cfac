import { parseArgs } from 'node:util';
import { below, type Benchmark } from './benchmark.js';
import { usedSince } from './pipeline/load.js';
import { startSystem } from './pipeline/system.js';
import { rounded } from './statistics.js';

const SETTLE_MS = 15_000;

/** A deployment that nobody uses: markets run, books are polled and told, nothing else happens. */
export const idle: Benchmark = {
  name: 'idle',
  what: 'all services without users or signals, markets running: CPU time of services, database, broker, percent of a core',
  async run({ directory, arguments: args, log }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        transport: { type: 'string', default: 'postgres' },
        seconds: { type: 'string', default: '60' },
        apart: { type: 'boolean', default: false },
      },
    });
    const transport = values.transport === 'kafka' ? 'kafka' : 'postgres';
    const system = await startSystem({
      directory,
      transport,
      apart: values.apart,
      log,
    });
    try {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const before = await system.cpu();
      const startedAt = performance.now();
      await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1_000));
      const used = usedSince(before, await system.cpu());
      const seconds = (performance.now() - startedAt) / 1_000;
      const percent = (cpu: number): number => rounded((cpu / seconds) * 100);
      // The simulated venue stands for the outside world.
      const ours = [...used].filter(([name]) => name !== 'venue');
      const total = percent(ours.reduce((sum, [, cpu]) => sum + cpu, 0));
      return {
        variant: `${transport}${values.apart ? '-apart' : ''}`,
        figures: {
          percentOfACore: total,
          ...Object.fromEntries([...used].map(([name, cpu]) => [`percentOfACore.${name}`, percent(cpu)])),
        },
        goals: [below('CPU time while idle', total, '% of a core', 10)],
        setting: {
          transport,
          seconds: Number(values.seconds),
          processes: values.apart ? 'one a service' : 'all services in one',
        },
      };
    } finally {
      await system.stop();
    }
  },
};
