import { describe, expect, it } from '@jest/globals';
import {
  encodeProtobuf,
  parseEvent,
  type AccountPolicyChanged,
  type TradingSignalGenerated,
} from '@switchyard/contracts';
import type { LogEvent, OutgoingEvent } from '@switchyard/log';
import { createMetrics } from '@switchyard/observability';
import { MarketBoard } from '@switchyard/signal';
import { validationConfig } from './config.js';
import { SignalsConsumer } from './consumers/signals.consumer.js';
import { documentsOf, policyOf, ValidateSignals } from './handlers/validate-signals.js';
import { aPolicy, aSignal, aSnapshot, NOW, policyEvent, recordOf } from './testing/records.js';
import { MemoryStage } from './testing/memory-stage.js';

const service = () => {
  const board = new MarketBoard(10_000);
  board.put(aSnapshot());
  const metrics = createMetrics({ service: 'signal-validation', process: false });
  const consumer = new SignalsConsumer(new ValidateSignals(validationConfig.parse({}), board, metrics));
  const stage = new MemoryStage(NOW);
  const change = (payload: AccountPolicyChanged): void => {
    stage.run(
      policyEvent(payload),
      (batch) => {
        consumer.onAccountPolicyChanged(batch);
      },
      policyOf,
    );
  };
  const policy = (version: number, enabled = true): void => {
    change(aPolicy(version, enabled));
  };
  const record = (event: LogEvent): readonly OutgoingEvent[] =>
    stage.run(
      event,
      (batch) => {
        consumer.onTradingSignalGenerated(batch);
      },
      documentsOf,
    );
  policy(1);
  return { record, policy, change, stage, metrics };
};

const strategySignal = (change: object = {}): LogEvent =>
  recordOf({ ...aSignal(), userId: undefined, strategyId: 'momentum-1', ...change }, { key: 'momentum-1' });

const identity = (stage: MemoryStage, key = 'user-42|sig-1'): unknown => {
  const text = stage.documents.get(`identity ${key}`);
  return text === undefined ? undefined : JSON.parse(text);
};

describe('the door', () => {
  it('lets a good signal through with an event that its contract accepts, and remembers its id', () => {
    const { record, stage } = service();
    const [validated, ...others] = record(recordOf(aSignal()));
    expect(others).toEqual([]);
    expect(validated).toMatchObject({ topic: 'SignalValidated', key: 'user-42', correlationId: 'sig-1' });
    const payload: unknown = JSON.parse(JSON.stringify(validated?.payload));
    expect(parseEvent('SignalValidated', payload)).toEqual({ ok: true, value: payload });
    expect(payload).toMatchObject({ mid: '64000', policyVersion: 1 });
    expect(identity(stage)).toMatchObject({ status: 'decided', outcome: 'validated' });
  });

  it('decides a signal once, however often and in whatever spelling it comes', () => {
    const { record } = service();
    expect(record(recordOf(aSignal()))).toHaveLength(1);
    expect(record(recordOf(aSignal()))).toEqual([]);
    expect(record(recordOf({ ...aSignal(), entryPrice: '64000.00', limitPrice: null }))).toEqual([]);
    const parsed = parseEvent('TradingSignalGenerated', aSignal());
    const bytes = encodeProtobuf('TradingSignalGenerated', (parsed as { value: TradingSignalGenerated }).value);
    expect(record(recordOf(bytes, { contentType: 'application/protobuf' }))).toEqual([]);
  });

  it('decides a signal that REST admitted, and no other content under its id', () => {
    const { record, stage } = service();
    const other = service();
    other.record(recordOf(aSignal()));
    const { hash } = identity(other.stage) as { hash: string };
    stage.documents.set('identity user-42|sig-1', JSON.stringify({ status: 'admitted', hash }));
    const [reused] = record(recordOf({ ...aSignal(), side: 'sell' }));
    expect(reused?.payload).toMatchObject({ signalId: 'sig-1', stage: 'validation', code: 'SIGNAL_ID_REUSED' });
    expect(identity(stage)).toEqual({ status: 'admitted', hash });
    expect(record(recordOf(aSignal()))[0]?.topic).toBe('SignalValidated');
  });

  it('takes a field as filled in only where our own door says so', () => {
    const defaulted = { ...aSignal(), defaulted: ['entryPrice'] };
    const ours = service();
    ours.record(recordOf(aSignal(), { source: 'signal-validation/3/1' }));
    expect(ours.record(recordOf(defaulted, { source: 'signal-validation/3/1' }))[0]?.payload).toMatchObject({
      code: 'SIGNAL_ID_REUSED',
    });
    const strangers = service();
    strangers.record(recordOf(aSignal()));
    expect(strangers.record(recordOf(defaulted))).toEqual([]);
    // What an operator put back for a stranger is still a stranger's word.
    expect(strangers.record(recordOf(defaulted, { source: 'gateway/3/1' }))).toEqual([]);
  });

  it('refuses a signal with every bad field, and claims no id for it', () => {
    const { record, stage } = service();
    const bad = { ...aSignal(), side: 'long', entryPrice: 64000, signalType: undefined, generatedAt: 'yesterday' };
    const [rejected] = record(recordOf(bad));
    const payload: unknown = JSON.parse(JSON.stringify(rejected?.payload));
    expect(parseEvent('SignalRejected', payload)).toEqual({ ok: true, value: payload });
    expect(payload).toMatchObject({ signalId: 'sig-1', userId: 'user-42', code: 'MALFORMED' });
    const { fields } = (payload as { facts: { fields: { path: string }[] } }).facts;
    expect(fields.map(({ path }) => path).sort()).toEqual(['entryPrice', 'generatedAt', 'side', 'signalType']);
    expect(identity(stage)).toBeUndefined();
    expect(record(recordOf(aSignal()))[0]?.topic).toBe('SignalValidated');
    expect(record(recordOf(bad))[0]?.payload).toMatchObject({ code: 'SIGNAL_ID_REUSED' });
  });

  it.each([
    ['that is no JSON', Buffer.from('{"signalId":'), {}, 'UNREADABLE'],
    ['that is no UTF-8', Buffer.from([0xff, 0xfe, 0x00]), {}, 'UNREADABLE'],
    ['that is empty', Buffer.alloc(0), {}, 'UNREADABLE'],
    ['that is a list', [1, 2], {}, 'UNREADABLE'],
    ['that is null', null, {}, 'UNREADABLE'],
    ['of an unknown content type', aSignal(), { contentType: 'text/xml' }, 'UNREADABLE'],
    ['that is said to be protobuf and is not', aSignal(), { contentType: 'application/protobuf' }, 'UNREADABLE'],
    ['without a signalId', { ...aSignal(), signalId: undefined }, {}, 'UNREADABLE'],
    ['whose signalId is no id', { ...aSignal(), signalId: 'a|b' }, {}, 'UNREADABLE'],
    ['of nobody', { ...aSignal(), userId: undefined }, {}, 'UNREADABLE'],
    ['whose userId is a number', { ...aSignal(), userId: 42 }, {}, 'UNREADABLE'],
    ["under another user's key", aSignal(), { key: 'user-43' }, 'KEY_MISMATCH'],
    ['without a key', aSignal(), { key: '' }, 'KEY_MISMATCH'],
  ] as const)('puts a record %s in the dead letters and claims nothing', (_what, value, place, code) => {
    const { record, stage } = service();
    const before = stage.documents.size;
    expect(record(recordOf(value, place))).toMatchObject([{ type: 'dead', payload: { code } }]);
    expect(stage.documents.size).toBe(before);
    expect(record(recordOf(aSignal()))[0]?.topic).toBe('SignalValidated');
  });

  it('refuses a signal that is too large or nested too deeply to go on', () => {
    const { record } = service();
    const large = { ...aSignal(), metadata: { note: 'x'.repeat(262_144) } };
    expect(record(recordOf(large))[0]?.payload).toMatchObject({ code: 'TOO_LARGE', facts: { maxBytes: 262_144 } });
    const deep = `${JSON.stringify(aSignal()).slice(0, -1)},"metadata":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
    expect(record(recordOf(Buffer.from(deep)))[0]?.payload).toMatchObject({ code: 'MALFORMED' });
  });

  it("takes a strategy's own signal once, to be copied for those who follow", () => {
    const { record, stage } = service();
    expect(record(strategySignal())).toEqual([]);
    expect(stage.effects).toMatchObject([
      {
        type: 'fanOut',
        fanOut: {
          strategyId: 'momentum-1',
          signal: { signalId: 'sig-1', pair: 'BTC-USD' },
          price: '64000',
          orderSeed: `momentum-1/sig-1/${NOW}`,
          cause: { id: 'record-1' },
        },
      },
    ]);
    expect(identity(stage, 'strategy|momentum-1|sig-1')).toMatchObject({ status: 'decided', outcome: 'validated' });
    expect(record(strategySignal())).toEqual([]);
    expect(stage.effects).toHaveLength(1);
  });

  it.each([
    ['other content under its id', { side: 'sell' }, 'SIGNAL_ID_REUSED'],
    ['an account named', { signalId: 'sig-2', accountId: 'acc-1' }, 'MALFORMED'],
    ['an id that leaves no room for the account', { signalId: 's'.repeat(65) }, 'MALFORMED'],
    ['a bad field', { signalId: 'sig-2', side: 'long' }, 'MALFORMED'],
    ['an age', { signalId: 'sig-2', generatedAt: '2026-11-21T02:40:00.000Z' }, 'SIGNAL_STALE'],
    ['a pair that nobody lists', { signalId: 'sig-2', pair: 'XYZ-USD' }, 'UNKNOWN_PAIR'],
    ['a price far from the market', { signalId: 'sig-2', entryPrice: '90000', takeProfit: '95000' }, 'PRICE_NOT_SANE'],
    ['more than followers can be sent', { signalId: 'sig-2', metadata: { note: 'x'.repeat(16_384) } }, 'TOO_LARGE'],
  ])('refuses a signal of a strategy with %s once, told to the strategy and to no user', (_, change, code) => {
    const { record, stage } = service();
    record(strategySignal());
    const [refused, ...others] = record(strategySignal(change));
    expect(others).toEqual([]);
    expect(refused).toMatchObject({ topic: 'StrategySignalDecided', key: 'momentum-1' });
    const payload: unknown = JSON.parse(JSON.stringify(refused?.payload));
    expect(parseEvent('StrategySignalDecided', payload)).toEqual({ ok: true, value: payload });
    expect(payload).toMatchObject({ outcome: 'rejected', failedChecks: [{ code }], copies: [] });
    expect(stage.effects).toHaveLength(1);
  });

  it('believes nobody but our own fan-out that a signal is a copy', () => {
    const copied = { ...aSignal(), copyOf: 'sig-0' };
    const { record } = service();
    const [validated] = record(recordOf(copied));
    expect(validated?.payload).not.toHaveProperty('signal.copyOf');
    const [ours] = service().record(recordOf(copied, { source: 'signal-validation/3/1' }));
    expect(ours?.payload).toHaveProperty('signal.copyOf', 'sig-0');
  });

  it('keeps who follows apart from the policy, and forgets it when nobody does', () => {
    const { stage, change } = service();
    const subscriptions = [
      { strategyId: 's', accountId: 'acc-1', paused: false, scaling: { kind: 'fixed', quote: '5' } } as const,
    ];
    change(aPolicy(2, true, { subscriptions }));
    expect(stage.documents.get('policy user-42')).not.toContain('subscriptions');
    change(aPolicy(1, true, { subscriptions }));
    change(aPolicy(3, true));
    change(aPolicy(4, true));
    expect(stage.effects).toMatchObject([
      { type: 'followers', userId: 'user-42', followers: [{ accountId: 'acc-1', subscription: { strategyId: 's' } }] },
      { type: 'followers', userId: 'user-42', followers: [] },
    ]);
  });

  it('judges by the newest policy, whatever order the versions come in', () => {
    const { record, policy } = service();
    policy(3, false);
    policy(2, true);
    expect(record(recordOf(aSignal()))[0]?.payload).toMatchObject({ code: 'USER_DISABLED' });
  });

  it('counts what came in and what was refused, by code', async () => {
    const { record, metrics } = service();
    record(recordOf(aSignal()));
    record(recordOf(aSignal()));
    record(recordOf({ ...aSignal(), signalId: 'sig-2', pair: 'XYZ-USD' }));
    record(recordOf(Buffer.from('no')));
    const text = await metrics.metrics();
    for (const outcome of ['validated', 'repeat', 'rejected', 'dead_letter'])
      expect(text).toMatch(new RegExp(`signals_total\\{.*outcome="${outcome}".*\\} 1`));
    expect(text).toMatch(/signals_refused_total\{.*code="UNKNOWN_PAIR".*\} 1/);
  });
});
