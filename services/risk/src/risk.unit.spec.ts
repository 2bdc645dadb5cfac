import { describe, expect, it } from '@jest/globals';
import { parseEvent } from '@switchyard/contracts';
import { deriveId } from '@switchyard/log';
import { createMetrics } from '@switchyard/observability';
import { DEFAULT_SETTINGS } from '@switchyard/risk-domain';
import { MarketBoard } from '@switchyard/signal';
import { memoryBatch, type Documents, type TestEvent } from '@switchyard/testing';
import { RiskConsumer } from './consumers/risk.consumer.js';
import { DecideRisk, userOf } from './handlers/decide-risk.js';
import {
  aSnapshot,
  balanceUpdated,
  NOW,
  orderCompleted,
  orderFilled,
  policyChanged,
  signalValidated,
} from './testing/events.js';

const service = () => {
  const board = new MarketBoard(10_000);
  board.put(aSnapshot());
  const metrics = createMetrics({ service: 'risk', process: false });
  const consumer = new RiskConsumer(new DecideRisk(DEFAULT_SETTINGS, { board }, metrics));
  let documents: Documents = {};
  const tell = (type: keyof typeof HANDLERS, payload: object, place: Partial<TestEvent<never>> = {}) => {
    const event = { ...place, key: 'user-42', payload };
    const batch = memoryBatch(type, [event], { documents, now: new Date(NOW), reads: userOf });
    consumer[HANDLERS[type]](batch as never);
    documents = batch.documents;
    return batch.emitted;
  };
  tell('AccountPolicyChanged', policyChanged());
  tell('BalanceUpdated', balanceUpdated());
  const stage = {
    documents: () => documents,
    restore: (stored: Documents) => {
      documents = stored;
    },
  };
  return { tell, stage, metrics };
};

const HANDLERS = {
  AccountPolicyChanged: 'onAccountPolicyChanged',
  BalanceUpdated: 'onBalanceUpdated',
  SignalValidated: 'onSignalValidated',
  OrderFilled: 'onOrderFilled',
  OrderCompleted: 'onOrderCompleted',
} as const;

const parent = deriveId('parent-order', 'user-42', 'sig-1');

describe('risk', () => {
  it('approves a signal with an event that its contract accepts, keyed by the user', () => {
    const { tell } = service();
    const place = { correlationId: 'sig-1', traceparent: '00-a' };
    const [approved, ...others] = tell('SignalValidated', signalValidated(), place);
    expect(others).toEqual([]);
    expect(approved).toMatchObject({ topic: 'OrderApproved', key: 'user-42', role: parent });
    expect(approved?.cause).toBeUndefined();
    const parsed = parseEvent('OrderApproved', JSON.parse(JSON.stringify(approved?.payload)));
    expect(parsed).toEqual({ ok: true, value: JSON.parse(JSON.stringify(approved?.payload)) });
    expect(approved?.payload).toMatchObject({ parentOrderId: parent, quantity: '0.005', mode: 'paper', dryRun: true });
    expect(approved?.payload).not.toHaveProperty('metadata');
  });

  it('refuses with an event that its contract accepts, every failed check and the score', async () => {
    const { tell, metrics } = service();
    const [rejected] = tell('SignalValidated', signalValidated({ stopLoss: '48000', size: { quote: '1' } }));
    const payload: unknown = JSON.parse(JSON.stringify(rejected?.payload));
    expect(parseEvent('SignalRejected', payload)).toEqual({ ok: true, value: payload });
    expect(payload).toMatchObject({
      stage: 'risk',
      code: 'STOP_LOSS_TOO_FAR',
      facts: { riskScore: expect.any(Number) },
      failedChecks: [{ code: 'STOP_LOSS_TOO_FAR' }, { code: 'REWARD_RISK_TOO_LOW' }, { code: 'BELOW_MINIMUM' }],
    });
    expect(await metrics.metrics()).toMatch(/signals_refused_total\{.*code="STOP_LOSS_TOO_FAR".*\} 1/);
  });

  it('decides an exit that waited under its own correlation and trace, when the fills of its entry are known', () => {
    const { tell } = service();
    tell('SignalValidated', signalValidated(), { correlationId: 'sig-1' });
    const exit = signalValidated({ signalId: 'sig-2', side: 'sell', signalType: 'exit' });
    const closing = { ...exit.signal };
    delete closing.size;
    const place = { correlationId: 'sig-2', traceparent: '00-b' };
    const [held, ...others] = tell('SignalValidated', { ...exit, signal: closing }, place);
    expect(others).toEqual([]);
    expect(held).toMatchObject({
      topic: 'SignalHeld',
      key: 'user-42',
      payload: { signalId: 'sig-2', code: 'ENTRY_UNDER_WAY', facts: { waitsFor: [parent] } },
    });
    expect(parseEvent('SignalHeld', held?.payload)).toEqual({ ok: true, value: held?.payload });
    expect(tell('OrderCompleted', orderCompleted(parent, '0.005'), { correlationId: 'sig-1' })).toEqual([]);
    const of = { id: 'fill-1', correlationId: 'sig-1' };
    const [approved] = tell('OrderFilled', orderFilled(parent, '0.005'), of);
    expect(approved).toMatchObject({
      topic: 'OrderApproved',
      payload: { signalId: 'sig-2', quantity: '0.005', reduceOnly: true },
      cause: { id: 'fill-1', correlationId: 'sig-2', traceparent: '00-b' },
    });
  });

  it('writes a policy when it changes, and splits documents that held it', () => {
    const { tell, stage } = service();
    const { user, policy } = stage.documents();
    tell('SignalValidated', signalValidated(), { correlationId: 'sig-1' });
    expect(stage.documents()['policy']).toEqual(policy);
    const whole = { ...(user?.['user-42'] as object), policy: policy?.['user-42'] };
    stage.restore({ user: { 'user-42': whole } });
    const [approved] = tell('SignalValidated', signalValidated(), { correlationId: 'sig-1' });
    expect(approved?.topic).toBe('OrderApproved');
    expect(stage.documents()['policy']).toEqual(policy);
    expect(stage.documents()['user']?.['user-42']).not.toHaveProperty('policy');
  });

  it('keeps one small document a user, beside the policy', () => {
    const { tell, stage } = service();
    for (let round = 0; round < 50; round += 1) {
      const signalId = `sig-${String(100 + round)}`;
      const id = deriveId('parent-order', 'user-42', signalId);
      expect(tell('SignalValidated', signalValidated({ signalId }))[0]?.topic).toBe('OrderApproved');
      tell('OrderFilled', orderFilled(id, '0.005'));
      tell('OrderCompleted', orderCompleted(id, '0.005'));
    }
    const { user, policy } = stage.documents();
    expect([user, policy].map((kind) => Object.keys(kind ?? {}))).toEqual([['user-42'], ['user-42']]);
    expect(JSON.stringify(user?.['user-42']).length).toBeLessThan(1_200);
  });
});
