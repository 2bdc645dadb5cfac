import { describe, expect, it } from '@jest/globals';
import { recoveryOf, type Sent, type Wound } from './recovery.js';

const killed = (at: number, process: string, partitions: readonly number[] = [1]): Wound => ({
  at,
  fault: { kind: 'kill', processes: [process] },
  partitions,
});

const sent = (at: number, partition = 1, offeredAt = at - 50, venue = 'binance'): Sent => ({
  ...{ venue, at, partition, offeredAt },
});

const ANY = { alone: false, replicas: 2 };

describe('recovery', () => {
  it('of an executor ends with the next order that reaches its venue, whatever others go on with', () => {
    const orders = [sent(900), sent(1_700), sent(1_300), sent(1_100, 1, 1_050, 'kraken')];
    const { executor } = recoveryOf([killed(1_000, 'execution-binance-1')], orders, ANY);
    expect(executor).toEqual({ p50: 300, p99: 300, kills: 1 });
  });

  it('of a consumer counts only signals offered afterwards, of users whose partition it had', () => {
    const orders = [sent(1_200, 1, 990), sent(1_300, 2), sent(1_900, 1, 1_100)];
    const { consumer, executor } = recoveryOf([killed(1_000, 'risk-2', [1, 3])], orders, ANY);
    expect(consumer).toEqual({ p50: 900, p99: 900, kills: 1 });
    expect(executor).toBeUndefined();
  });

  it('of a process that had no partition is not measured, nor one that never came', () => {
    expect(recoveryOf([killed(1_000, 'risk-1', [])], [sent(1_100)], ANY).consumer).toBeUndefined();
    expect(recoveryOf([killed(1_000, 'risk-1')], [sent(900)], ANY).consumer).toBeUndefined();
  });

  it('is not measured where nobody stood by: every replica of a stage was killed at once', () => {
    const both: Wound = {
      at: 1_000,
      fault: { kind: 'kill', processes: ['execution-binance-1', 'journal-1', 'execution-binance-2'] },
      partitions: [1],
    };
    expect(recoveryOf([both], [sent(5_000)], ANY)).toMatchObject({ executor: undefined, consumer: undefined });
    expect(recoveryOf([both], [sent(5_000)], { ...ANY, replicas: 3 }).executor).toMatchObject({ kills: 1 });
  });

  it('of a database that was away is measured from its kill', () => {
    const wound: Wound = { at: 1_000, fault: { kind: 'killPostgres', forMs: 2_000 }, partitions: [] };
    expect(recoveryOf([wound], [sent(1_010, 1, 980), sent(4_000, 1, 1_200)], ANY).postgres?.p50).toBe(3_000);
  });

  it('alone leaves out kills in whose recovery something else went wrong', () => {
    const wounds = [killed(1_000, 'risk-1'), killed(1_200, 'journal-1', []), killed(20_000, 'risk-1')];
    const orders = [sent(1_900), sent(20_400)];
    expect(recoveryOf(wounds, orders, ANY).consumer).toMatchObject({ kills: 2 });
    expect(recoveryOf(wounds, orders, { ...ANY, alone: true }).consumer).toEqual({ p50: 400, p99: 400, kills: 1 });
  });
});
