import type { AccountPolicyChanged, TradingSignalGenerated } from '@switchyard/contracts';
import { deriveId, partitionOf, recordOf, type LogRecord } from '@switchyard/log';
import type { Pair } from '@switchyard/model';
import { decimal, plain, roundTo } from '@switchyard/money';
import type { Random } from '../kernel/random.js';
import type { World } from '../kernel/world.js';
import type { Judge } from '../check/judge.js';
import type { Broker } from '../log/broker.js';
import { PARTITIONS, type SimStage } from '../log/sim-stage.js';
import type { Market } from '../venue/sim-venue.js';
import type { Cancels } from './cancels.js';

export interface LoadParts {
  readonly world: World;
  readonly random: Random;
  readonly judge: Judge;
  readonly broker: Broker;
  readonly validation: SimStage;
  readonly markets: ReadonlyMap<string, Market>;
  readonly users: number;
  readonly signals: number;
  /** In which time they come, milliseconds. */
  readonly withinMs: number;
  readonly cancels: Pick<Cancels, 'perhaps'>;
  /** One entry at the market, sent once. */
  readonly isOneOrder: boolean;
}

const DOOR = 'TradingSignalGenerated';
const FIRST_MS = 6_000;

/** What a user has, in USDT: plenty, or so little that one order takes most of it and the next one wants the rest. */
export const fundsOf = (random: Random): string => (random.chance(1 / 3) ? String(150 + random.below(600)) : '20000');

export const userName = (index: number): string => `user-${index}`;
export const accountName = (index: number): string => `account-${index}`;

/** Users, whose accounts are known to all, and their signals: through both doors, some twice, some with another content under a known id. */
export const runLoad = (parts: LoadParts): void => {
  const { world, random, users, signals, withinMs } = parts;
  for (let user = 0; user < users; user += 1) tellPolicy(parts, user);
  for (let index = 0; index < signals; index += 1)
    world.scheduler.inWorld(FIRST_MS + random.between(0, withinMs), () => {
      const user = random.below(users);
      send(parts, user, signalOf(parts, user, index));
    });
};

const send = (parts: LoadParts, user: number, signal: TradingSignalGenerated): void => {
  const { world, random, judge, broker, validation } = parts;
  const userId = userName(user);
  const byRest = random.chance(0.5);
  const give = (content: TradingSignalGenerated): void => {
    if (byRest) {
      const cause = { id: deriveId('admission', userId, content.signalId), correlationId: content.signalId };
      validation.append([{ topic: DOOR, type: DOOR, key: userId, payload: content, cause }]);
    } else broker.appendStranger(DOOR, partitionOf(userId, PARTITIONS), recordOfStranger(userId, content));
  };
  world.note(
    'door',
    `${userId} ${signal.signalId} ${signal.signalType} ${signal.side} ${signal.pair} by ${byRest ? 'REST' : 'Kafka'}`,
  );
  give(signal);
  judge.signalAccepted(userId, signal.signalId);
  if (parts.isOneOrder) return;
  parts.cancels.perhaps(userId, signal);
  // A strategy that had no answer sends again; one that is wrong uses an id twice.
  if (random.chance(0.15))
    world.scheduler.inWorld(random.between(1, 4_000), () => {
      give(signal);
    });
  if (random.chance(0.05))
    world.scheduler.inWorld(random.between(1, 4_000), () => {
      give({ ...signal, confluenceScore: 9 });
    });
};

const recordOfStranger = (key: string, payload: TradingSignalGenerated): LogRecord =>
  recordOf(
    { topic: DOOR, type: DOOR, key, payload },
    { id: deriveId('stranger', key, payload.signalId) },
    new Date().toISOString(),
  );

const signalOf = ({ random, markets, isOneOrder }: LoadParts, user: number, index: number): TradingSignalGenerated => {
  const market = random.pick([...markets.values()]);
  const common = {
    signalId: `signal-${index}`,
    userId: userName(user),
    strategy: 'sim',
    pair: market.pair as Pair,
    strength: 0.9,
    confluenceScore: 4,
    generatedAt: new Date().toISOString(),
  };
  if (!isOneOrder && random.chance(0.35))
    return { ...common, side: 'sell', signalType: random.chance(0.2) ? 'stop_loss' : 'exit', orderType: 'market' };
  const at = (factor: string): string => plain(roundTo(market.price.times(decimal(factor)), decimal('0.01')));
  const prices = { entryPrice: at('1'), stopLoss: at('0.99'), takeProfit: at('1.03') };
  const size = { quote: String(50 + random.below(400)) };
  const entry = { ...common, ...prices, size, side: 'buy', signalType: 'entry' } as const;
  return !isOneOrder && random.chance(0.45)
    ? {
        ...entry,
        orderType: 'limit',
        limitPrice: at(random.pick(['0.998', '0.9995', '1.001'])),
        timeInForce: random.pick(['gtc', 'gtc', 'ioc']),
      }
    : { ...entry, orderType: 'market' };
};

const tellPolicy = ({ world, broker, random }: LoadParts, user: number): void => {
  const userId = userName(user);
  const payload: AccountPolicyChanged = {
    userId,
    version: 1,
    enabled: true,
    mode: 'paper',
    limits: {
      tradesPerSecond: 1_000,
      burst: 1_000,
      maxOpenPositions: 10,
      maxBalancePercent: 100,
      maxSectorPercent: 1_000,
    },
    accounts: [
      {
        accountId: accountName(user),
        venue: 'binance',
        mode: 'paper',
        market: 'spot',
        enabled: true,
        usdtAsUsd: true,
        timeZone: 'UTC',
      },
    ],
    changedBy: 'admin',
    changedAt: new Date().toISOString(),
  };
  const partition = partitionOf(userId, PARTITIONS);
  const record = recordOf(
    { topic: 'AccountPolicyChanged', type: 'AccountPolicyChanged', key: userId, payload },
    { id: deriveId('policy', userId) },
    new Date().toISOString(),
  );
  const source = `accounts/${partition}/1`;
  const tell = (): void => {
    broker.append({
      source,
      batch: 1,
      topic: 'AccountPolicyChanged',
      partition,
      firstSequence: user + 1,
      records: [record],
    });
  };
  world.scheduler.inWorld(1 + user, tell);
  if (random.chance(0.3)) world.scheduler.inWorld(random.between(10, 5_000), tell);
};
