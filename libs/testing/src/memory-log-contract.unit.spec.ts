import { MemoryLog, SILENT, StageRunner, type StoredBatch } from '@switchyard/log';
import { delayed } from './delayed-store.js';
import { logContract, type LogFixture, type MemberOptions } from './log-contract.js';
import { RepeatingWire } from './repeating-wire.js';

const PARTITIONS = 8;

class DatabaseAway extends Error {}

const fixture = (): LogFixture => {
  let away = false;
  const lost = new Set<string>();
  const nameOf = (deployment: string, topic: string, partition: number, sequence: number): string =>
    [deployment, topic, partition, sequence].join(' ');
  const log = new MemoryLog({
    partitions: PARTITIONS,
    faults: {
      before: () => {
        if (away) throw new DatabaseAway('the database is away');
      },
      delivers: ({ source, topic, partition, firstSequence }: StoredBatch) =>
        !lost.has(nameOf(source.split('/')[0] ?? '', topic, partition, firstSequence)),
    },
  });
  const wires = new Set<Pick<RepeatingWire, 'repeat'>>();

  return {
    partitions: PARTITIONS,
    takeover: 'fails',
    createTopics: () => Promise.resolve(),

    async member({ group, name = 'only', handlers, observer, beforeTransaction }: MemberOptions) {
      const wire = new RepeatingWire(log.wire(name));
      const runner = new StageRunner({
        stage: { group, handlers },
        store: delayed(log.stage(group), beforeTransaction),
        wire,
        partitions: PARTITIONS,
        observer: { ...SILENT, ...observer },
        isInfrastructure: (error) => error instanceof DatabaseAway,
        retryMs: 2,
      });
      const off = log.onAppended(group, () => {
        runner.wake();
      });
      await runner.start();
      wires.add(wire);
      return {
        get owned() {
          return runner.owned;
        },
        get problem() {
          return runner.problem;
        },
        get held() {
          return wire.joined?.held ?? 0;
        },
        stop: async () => {
          off();
          wires.delete(wire);
          await runner.stop();
        },
        isolate: async () => {
          await log.evict(group, name);
          return () => log.readmit(group, name);
        },
      };
    },

    append: (deployment, events) => {
      const stage = log.stage(deployment);
      return stage.transaction((tx) => stage.append(tx, events));
    },

    documents: (group, kind) => Promise.resolve(log.stage(group).documents(kind)),

    republish: ({ deployment, topic, partition, from }) => {
      const before = lost.size;
      for (const name of lost) if (name.startsWith(`${deployment} ${topic} ${String(partition)} `)) lost.delete(name);
      if (lost.size < before) log.lookAgain();
      else for (const wire of wires) wire.repeat(topic, partition, `${deployment}/${String(partition)}`, from);
      return Promise.resolve();
    },

    lose: ({ deployment, topic, partition, sequence }) => {
      lost.add(nameOf(deployment, topic, partition, sequence));
      return Promise.resolve();
    },

    startFrom: (group, { deployment, topic, partition, sequence }) => {
      const origin = `${deployment}/${String(partition)}`;
      log.stage(group).setWatermark({ topic, partition, origin, generation: 1, sequence });
      return Promise.resolve();
    },

    setGeneration: (deployment, generation) => {
      log.stage(deployment).setGeneration(generation);
      return Promise.resolve();
    },

    parked: (group) => Promise.resolve(log.stage(group).parked()),

    release: (group, key) => {
      log.stage(group).release(key);
      return Promise.resolve();
    },

    cutDatabase: () => {
      away = true;
      log.lookAgain();
      return Promise.resolve(() => {
        away = false;
        return Promise.resolve();
      });
    },
  };
};

const shared = fixture();
logContract('memory', () => shared);
