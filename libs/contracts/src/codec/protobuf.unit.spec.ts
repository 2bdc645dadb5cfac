import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { EVENTS, type EventOf, type EventType } from '../topics.js';
import { arbitraryOf } from './arbitrary.js';
import { DESCRIPTORS } from './gen/descriptors.js';
import { planOf } from './plan.js';
import { decodeProtobuf, encodeProtobuf, messageOf } from './protobuf.js';

const root = join(import.meta.dirname, '../../../..');
const types = Object.keys(EVENTS) as EventType[];
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const buf = (...args: string[]): Buffer => execFileSync(join(root, 'node_modules/.bin/buf'), args, { cwd: root });

describe('the protobuf form of an event', () => {
  it.each(types)('%s: JSON -> protobuf -> JSON loses nothing', (type) => {
    fc.assert(
      fc.property(arbitraryOf(EVENTS[type].schema), (event) => {
        expect(asJson(decodeProtobuf(type, encodeProtobuf(type, event as EventOf<typeof type>)))).toEqual(
          asJson(event),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('tells an empty list from one that was not given', () => {
    const report = {
      requestId: 'r',
      userId: 'u',
      accountId: 'a',
      venue: 'binance',
      mode: 'paper',
      openOrders: [],
      missing: [{ what: 'fills', reason: 'timeout' }],
      requestedAt: '2026-11-21T02:47:10.123Z',
      reportedAt: '2026-11-21T02:47:10.124Z',
    } as const;
    expect(decodeProtobuf('VenueStateReported', encodeProtobuf('VenueStateReported', report as never))).toEqual(report);
  });

  it('keeps whole numbers, fractions, nulls and nesting of free-form facts', () => {
    const event = EVENTS.SystemError.schema.parse({
      service: 'risk',
      code: 'INTERNAL',
      message: '',
      severity: 'high',
      facts: {
        count: 9_007_199_254_740_991,
        ratio: 0.1,
        none: null,
        list: [1, 'a', { deep: [] }],
        empty: {},
        no: false,
      },
      at: '2026-11-21T02:47:10.123Z',
    });
    expect(decodeProtobuf('SystemError', encodeProtobuf('SystemError', event))).toEqual(event);
  });

  it('refuses to encode a value that its schema would not accept', () => {
    expect(() => encodeProtobuf('OrderFilled', {} as never)).toThrow('OrderFilled.orderId is missing');
    expect(() =>
      encodeProtobuf('TradingSignalGenerated', { signalId: 's', pair: 'A-B', side: 'hold' } as never),
    ).toThrow('TradingSignalGenerated.side is not one of buy, sell');
  });
});

describe('schema and proto', () => {
  const fields = EVENTS.OrderCompleted.schema.shape;
  const plan = (shape: Record<string, z.ZodType>) => () => planOf(shape, messageOf('OrderCompleted'), 'OrderCompleted');

  it('differ when a field is missing in the proto', () => {
    expect(plan({ ...fields, surprise: z.string() })).toThrow(
      'at OrderCompleted.surprise: OrderCompleted has no such field',
    );
  });

  it('differ when a field is missing in the schema', () => {
    const others = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'averagePrice'));
    expect(plan(others)).toThrow('at OrderCompleted: the schema lacks averagePrice');
  });

  it('differ when a type is not the same', () => {
    expect(plan({ ...fields, filledQuantity: z.number() })).toThrow('at OrderCompleted.filledQuantity');
    expect(plan({ ...fields, completedAt: z.string() })).toThrow('at OrderCompleted.completedAt');
  });

  it('differ when an enum has a value more on either side', () => {
    expect(plan({ ...fields, status: z.enum([...fields.status.options, 'lost']) })).toThrow('lacks lost');
    expect(plan({ ...fields, status: z.enum(['filled']) })).toThrow('the schema lacks partially_filled');
  });

  it('differ when an optional list has no wrapper that tells empty from absent', () => {
    const policy = EVENTS.AccountPolicyChanged.schema.shape;
    const changed = { ...policy, accounts: policy.accounts.optional() };
    expect(() => planOf(changed, messageOf('AccountPolicyChanged'), 'AccountPolicyChanged')).toThrow('wrap it');
  });
});

describe('proto/', () => {
  it('is what the committed descriptors were made from (else: node proto/generate.mjs)', () => {
    const built = buf('build', 'proto', '--exclude-source-info', '--as-file-descriptor-set', '-o', '-');
    expect(built.toString('base64') === DESCRIPTORS).toBe(true);
  });

  it('passes its lint and breaks nothing of the baseline', () => {
    expect(buf('lint', 'proto').toString()).toBe('');
    expect(buf('breaking', 'proto', '--against', 'proto/baseline.binpb').toString()).toBe('');
  });
});
