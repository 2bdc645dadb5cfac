import type { OrderCancelRequested, TradingSignalGenerated } from '@switchyard/contracts';
import { deriveId, partitionOf, recordOf } from '@switchyard/log';
import type { Random } from '../kernel/random.js';
import type { World } from '../kernel/world.js';
import type { Broker } from '../log/broker.js';
import { PARTITIONS } from '../log/sim-stage.js';

const TOPIC = 'OrderCancelRequested';

/**
 * The REST door, as far as it takes in cancels: users change their mind about some of what they sent, at any moment, before its approval as
 * well as long after its end, of the whole or of its first order, and now and then twice.
 */
export class Cancels {
  /** How many there are, by partition. */
  readonly #numbers = new Map<number, number>();

  constructor(
    private readonly world: World,
    private readonly random: Random,
    private readonly broker: Broker,
  ) {}

  /** A signal was sent. */
  perhaps(userId: string, { signalId, timeInForce }: Pick<TradingSignalGenerated, 'signalId' | 'timeInForce'>): void {
    const { world, random } = this;
    // What rests has something left to cancel.
    if (!random.chance(timeInForce === 'gtc' ? 0.8 : 0.2)) return;
    const parentOrderId = deriveId('parent-order', userId, signalId);
    const orderId = random.chance(0.8) ? parentOrderId : deriveId('child-order', parentOrderId, '0');
    const withinMs = random.pick([50, 1_000, 10_000, 20_000]);
    const times = random.chance(0.2) ? 2 : 1;
    for (let time = 1; time <= times; time += 1)
      world.scheduler.inWorld(random.between(0, withinMs), () => {
        this.#ask({ requestId: `cancel-${time}-of-${orderId}`, orderId, parentOrderId, signalId, userId });
      });
  }

  #ask(ids: Pick<OrderCancelRequested, 'requestId' | 'orderId' | 'parentOrderId' | 'signalId' | 'userId'>): void {
    const { userId, requestId } = ids;
    const requestedAt = new Date().toISOString();
    const payload: OrderCancelRequested = { ...ids, requestedBy: userId, role: 'trader', requestedAt };
    const partition = partitionOf(userId, PARTITIONS);
    const number = (this.#numbers.get(partition) ?? 0) + 1;
    this.#numbers.set(partition, number);
    this.world.note('door', `${userId} wants ${ids.orderId} gone`);
    this.broker.append({
      source: `gateway/${partition}/1`,
      batch: number,
      topic: TOPIC,
      partition,
      firstSequence: number,
      records: [recordOf({ topic: TOPIC, type: TOPIC, key: userId, payload }, { id: requestId }, requestedAt)],
    });
  }
}
