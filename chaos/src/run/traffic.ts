import { Api } from '../load/api.js';
import { Halts } from '../load/halts.js';
import { KafkaDoor } from '../load/kafka-door.js';
import { Load } from '../load/load.js';
import { restDoor } from '../load/rest-door.js';
import { isResting, Resting } from '../load/resting.js';
import { Strategy } from '../load/strategy.js';
import type { Deployment } from '../system/deployment.js';
import type { RunFile } from './run-file.js';

/** All that comes from outside while a run lasts. */
export interface Traffic {
  start(): void;
  /** Sends nothing new, and waits at most so long for what is out to have an answer. @returns sentences about what has none */
  stop(patienceMs: number): Promise<readonly string[]>;
}

/** The load of a run, where it stood: users' own signals, orders that rest and are cancelled, a strategy that all follow, and somebody who halts. */
export const trafficOf = (run: RunFile, deployment: Deployment): Traffic => {
  const { options } = run;
  const { seed } = options;
  const senders = deployment.users.map(({ userId, accounts, isLarge }) => ({
    ...{ userId, isLarge },
    venues: accounts.map(({ venue }) => venue),
  }));
  const doors = doorsOf(run, deployment);
  const admin = new Api(deployment.gatewayUrl, deployment.adminToken);
  const rested = run.offeredSignals.filter(({ signal }) => isResting(signal));
  const load = new Load({
    ...{ seed, senders, rate: options.rate, begun: run.begun },
    doorOf: (userId) => doors.of(userId),
    book: {
      offered: (signal) => {
        run.offered(signal);
      },
      answered: (signalId, answer) => {
        run.answered(signalId, answer);
        if (answer.kind === 'refused') resting?.refused(signalId);
      },
    },
  });
  const resting =
    options.restingSeconds === 0
      ? undefined
      : new Resting({
          ...{ seed, senders, secondsBetween: options.restingSeconds, begun: rested.length, tokens: doors.tokens },
          url: deployment.gatewayUrl,
          left: rested.flatMap(({ signal, answer }) => (answer?.kind === 'refused' ? [] : [signal])),
          send: (signal) => {
            load.send(signal);
          },
        });
  const strategy =
    options.strategySeconds === 0
      ? undefined
      : new Strategy({
          ...{ seed, secondsBetween: options.strategySeconds, api: admin, book: run },
          begun: run.strategySignals.length,
          left: run.strategySignals.flatMap(({ signal, answer }) => (answer === undefined ? [signal] : [])),
        });
  const halts =
    options.haltSeconds === 0
      ? undefined
      : new Halts({
          ...{ seed, secondsBetween: options.haltSeconds, users: deployment.users, venues: options.venues },
          ...{ api: admin, book: run, left: run.haltedScopes },
        });
  return {
    start: () => {
      load.again(run.unanswered);
      load.start();
      resting?.start();
      strategy?.start();
      halts?.start();
    },
    stop: async (patienceMs) => {
      // First, so that what waits for the end of a halt has its time.
      await halts?.stop();
      const [unanswered, published, open] = await Promise.all([
        load.stop(patienceMs),
        strategy?.stop(patienceMs) ?? 0,
        resting?.stop(patienceMs) ?? 0,
      ]);
      await doors.close();
      return [
        ...(unanswered + published > 0 ? [`${unanswered + published} signals have no answer`] : []),
        ...(open > 0 ? [`${open} orders that were to be cancelled have not ended`] : []),
      ];
    },
  };
};

/** Every other user publishes to Kafka by itself, where there is one. */
const doorsOf = ({ options }: RunFile, deployment: Deployment) => {
  const tokens = new Map(deployment.users.map(({ userId, token }) => [userId, token]));
  const rest = restDoor(deployment.gatewayUrl, tokens);
  const kafka =
    deployment.kafka === undefined ? undefined : new KafkaDoor(deployment.kafka.brokers, options.partitions);
  const publishing = new Set(deployment.users.filter((_, i) => i % 2 === 1).map(({ userId }) => userId));
  return {
    tokens,
    of: (userId: string) => (kafka !== undefined && publishing.has(userId) ? kafka : rest),
    close: async () => {
      await rest.close();
      await kafka?.close();
    },
  };
};
