import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { journal } from '@switchyard/journal-service';
import { encodeRecord, partitionOf, type Batch, type OutgoingEvent } from '@switchyard/log';
import { append } from '@switchyard/log-postgres';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { Consume, startService, type RunningService, type ServiceDefinition } from '@switchyard/runtime';
import { until } from '@switchyard/testing';
import { z } from 'zod';
import * as responses from '../openapi/responses.js';
import { startDeployment, type Answer, type TestDeployment } from '../testing/deployment.js';
import { filledStory, newSignal } from '../testing/stages.js';

const handled: string[] = [];
const unreadable = new Set<string>();

@Controller()
class Decisions {
  @Consume<{ readonly signalId: string }>({ topic: 'SignalValidated' })
  onSignalValidated(@Payload() batch: Batch<{ readonly signalId: string }>): void {
    batch.each(({ key, payload: { signalId } }) => {
      if (unreadable.has(signalId)) throw new TypeError(`cannot read ${signalId}`);
      handled.push(`${key} ${signalId}`);
    });
  }
}
@Module({ controllers: [Decisions] })
class RiskModule {}
/** A stage that can't handle what the test says. */
const risk: ServiceDefinition = { name: 'risk', config: z.object({}), module: () => RiskModule };

const postgres = testDatabase();
let deployment: TestDeployment;
let stage: RunningService;
let db: Database;
let operator: string;

beforeAll(async () => {
  deployment = await startDeployment(
    postgres.url,
    (schema) => postgres.open(schema),
    (platform) => startService(journal, journal.config.parse({}), platform),
  );
  stage = await startService(risk, {}, deployment.platform);
  db = await postgres.open('spec');
  operator = deployment.token('olga', 'operator');
}, 60_000);
afterAll(async () => {
  await stage.stop();
  await deployment.stop();
});

const failed = async (query = '', token = operator) => {
  const { body } = await deployment.get(`/v1/failed${query}`, token);
  return responses.listOf(responses.failedItem.strict()).parse(body).items;
};
const act = (id: string, action: string, body: object = { reason: 'seen to' }, token = operator): Promise<Answer> =>
  deployment.post(`/v1/failed/${id}/${action}`, body, token);
const acts = async (token: string, itemId: string) =>
  (await deployment.get('/v1/audit?topic=OperatorActed', token)).body.items
    .map(({ payload }) => payload as Readonly<Record<string, unknown>>)
    .filter((payload) => payload['itemId'] === itemId);

const validated = (userId: string, signalId: string): OutgoingEvent => ({
  topic: 'SignalValidated',
  type: 'SignalValidated',
  key: userId,
  payload: { signalId, userId },
  cause: { id: signalId, correlationId: signalId },
});
/** The first of these can't be handled, and is parked with the others behind it. */
const park = async (userId: string, ...signalIds: readonly string[]): Promise<string> => {
  unreadable.add(signalIds[0]!);
  for (const signalId of signalIds) await deployment.emit('signal-validation', [validated(userId, signalId)]);
  await until(async () => (await failed(`?userId=${userId}`))[0]?.events === signalIds.length);
  return (await failed(`?userId=${userId}`))[0]!.id;
};

describe('a parked key', () => {
  it('is shown to operators with why and where; to its user as theirs, without the words of a program; to nobody else', async () => {
    await park('ann', 'a-1', 'a-2');
    expect(await failed('?kind=parked&userId=ann')).toMatchObject([
      {
        kind: 'parked',
        userId: 'ann',
        group: 'risk',
        key: 'ann',
        reason: 'TypeError: cannot read a-1',
        events: 2,
        attempts: 0,
        first: { topic: 'SignalValidated' },
        actions: ['release', 'discard'],
      },
    ]);
    const [own] = await failed('', deployment.token('ann'));
    expect(own).toMatchObject({ kind: 'parked', group: 'risk', events: 2, actions: [] });
    expect(JSON.stringify(own)).not.toContain('TypeError');
    expect(await failed('', deployment.token('bob'))).toEqual([]);
    expect((await deployment.get('/v1/failed?userId=ann', deployment.token('bob'))).status).toBe(403);
    expect((await deployment.get('/v1/failed')).status).toBe(401);
  });

  it('that is released before its cause is mended stays parked, and says how often it was tried', async () => {
    const id = await park('carl', 'c-1');
    expect((await act(id, 'release')).status).toBe(200);
    await until(async () => (await failed('?userId=carl'))[0]?.attempts === 1);
    expect((await failed('?userId=carl'))[0]).toMatchObject({ id, releasing: false });
  });

  it('goes on in its order when it is released, and the audit trail tells who did it and why, its user too', async () => {
    const id = await park('dora', 'd-1', 'd-2', 'd-3');
    unreadable.delete('d-1');
    const answer = await act(id, 'release', { reason: 'mended by version 2' });
    expect(responses.acted.strict().parse(answer.body)).toMatchObject({ id, kind: 'parked', action: 'release' });
    await until(() => handled.includes('dora d-3'));
    expect(handled.filter((item) => item.startsWith('dora'))).toEqual(['dora d-1', 'dora d-2', 'dora d-3']);
    expect(await failed('?userId=dora')).toEqual([]);
    for (const token of [operator, deployment.token('dora')]) {
      await until(async () => (await acts(token, id)).length === 1);
      expect(await acts(token, id)).toMatchObject([
        {
          actId: answer.body['actId'],
          action: 'release',
          itemKind: 'parked',
          userId: 'dora',
          actedBy: 'olga',
          role: 'operator',
          reason: 'mended by version 2',
          facts: { group: 'risk', key: 'dora', events: 3, parkedFor: 'TypeError: cannot read d-1' },
        },
      ]);
    }
    expect((await act(id, 'release')).status).toBe(404);
  });

  it('goes on without its first event when that is discarded', async () => {
    const id = await park('emil', 'e-1', 'e-2');
    expect((await act(id, 'discard', { reason: 'a test of ours' })).body['detail']).toContain('released');
    await until(() => handled.includes('emil e-2'));
    expect(handled).not.toContain('emil e-1');
    await until(async () => (await acts(operator, id)).length === 1);
    expect((await acts(operator, id))[0]).toMatchObject({
      action: 'discard',
      facts: { discarded: 1, released: 1, events: [{ topic: 'SignalValidated', sequence: expect.any(Number) }] },
    });
  });

  it('loses all of its events where that is asked, and its user is free', async () => {
    const id = await park('fay', 'f-1', 'f-2');
    await act(id, 'discard', { reason: 'all of it', events: 'all' });
    expect(await failed('?userId=fay')).toEqual([]);
    await deployment.emit('signal-validation', [validated('fay', 'f-3')]);
    await until(() => handled.includes('fay f-3'));
    expect(handled).not.toContain('fay f-2');
  });

  it('of the journal can be released, but nothing of it dropped: the trail would not be whole', async () => {
    await db.query(
      "insert into log.parked_keys (group_name, partition, key, reason) values ('journal', 0, 'gus', 'Error: x')",
    );
    const [{ id, actions } = { id: '', actions: [] }] = await failed('?kind=parked&limit=1');
    expect(actions).toEqual(['release']);
    expect(await act(id, 'discard')).toMatchObject({ status: 409, body: { code: 'ACTION_NOT_POSSIBLE' } });
    await db.query("delete from log.parked_keys where key = 'gus'");
  });
});

describe('a user with as many events parked as may wait', () => {
  it('is refused at the door, and let in again once they are dealt with', async () => {
    const parked = 'insert into log.parked_keys (group_name, partition, key, reason) values ($1, $2, $3, $4)';
    const partition = partitionOf('kim', 4);
    await db.query(parked, ['signal-validation', partition, 'kim', 'Error: x']);
    await db.query(
      `insert into log.parked_events (group_name, partition, key, topic, sequence, record)
       select 'signal-validation', $1, 'kim', 'TradingSignalGenerated', n, $2 from generate_series(1, 1000) n`,
      [partition, encodeRecord({ key: 'kim', id: 'k', type: 'T', time: '', value: Buffer.of() })],
    );
    const kim = deployment.token('kim');
    expect(await deployment.post('/v1/signals', newSignal('k-1'), kim)).toMatchObject({
      status: 409,
      body: { code: 'USER_PARKED', facts: { userId: 'kim', limit: 1_000 } },
    });
    expect((await deployment.get('/v1/signals/k-1', kim)).status).toBe(404);
    expect((await deployment.post('/v1/signals', newSignal('k-1'), deployment.token('lea'))).status).toBe(202);
    await act((await failed('?userId=kim'))[0]!.id, 'discard', { reason: 'seen to', events: 'all' });
    expect((await deployment.post('/v1/signals', newSignal('k-1'), kim)).status).toBe(202);
    const { rows } = await db.query("select * from log.parked_keys where key = 'kim'");
    expect(rows).toEqual([]);
  });
});

describe('a dead letter', () => {
  const DLT = 'TradingSignalGenerated.signal-validation.dlt';
  let letters = 0;
  const bury = async (code: string, value: Uint8Array, key = 'hal'): Promise<string> => {
    letters += 1;
    const record = {
      key,
      id: `letter-${letters}`,
      type: 'TradingSignalGenerated',
      time: new Date().toISOString(),
      extra: { dlt_code: code, dlt_message: 'no', 'content-type': 'application/protobuf' },
      value,
    };
    const batches = await db.transaction((tx) =>
      append(tx, 'signal-validation', [{ shard: 0, topic: DLT, partition: 0, record }]),
    );
    deployment.platform.hub.appended('signal-validation', batches);
    const found = async () => (await failed('?kind=dead_letter')).find(({ eventId }) => eventId === record.id);
    await until(async () => (await found()) !== undefined);
    return (await found())!.id;
  };
  const onTopic = async () =>
    (await deployment.get('/v1/audit?topic=TradingSignalGenerated', operator)).body.items.filter(({ source }) =>
      String(source).startsWith('gateway/'),
    );

  it('is listed with its code until somebody has seen to it', async () => {
    const id = await bury('KEY_MISMATCH', Buffer.from('{}'));
    expect(await failed('?kind=dead_letter')).toMatchObject([
      {
        id,
        topic: 'TradingSignalGenerated',
        group: 'signal-validation',
        code: 'KEY_MISMATCH',
        message: 'no',
        key: 'hal',
        actions: ['discard'],
      },
    ]);
    expect((await act(id, 'discard')).status).toBe(200);
    expect(await failed('?kind=dead_letter')).toEqual([]);
  });

  it('goes back to its topic as it came where it could not be read, as a stranger’s word and nobody’s', async () => {
    const bytes = Buffer.of(0xff, 0x00, 0x17);
    const id = await bury('UNREADABLE', bytes);
    expect((await failed('?kind=dead_letter'))[0]?.actions).toEqual(['retry', 'discard']);
    expect((await act(id, 'retry', { reason: 'version 2 reads it' })).body['detail']).toContain('its age included');
    await until(async () => (await onTopic()).length === 1);
    expect(await onTopic()).toMatchObject([
      { key: 'hal', base64: bytes.toString('base64'), contentType: 'application/protobuf' },
    ]);
    expect((await onTopic())[0]).not.toHaveProperty('userId');
    expect((await act(id, 'retry')).body).not.toHaveProperty('actId');
    expect(await act(id, 'discard')).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    await until(async () => (await acts(operator, id)).length === 1);
    expect(await onTopic()).toHaveLength(1);
  });

  it.each([
    ['its key is not its user’s', 'KEY_MISMATCH', 10],
    ['only its beginning was kept', 'UNREADABLE', 262_144],
  ])('does not go back where %s', async (_, code, bytes) => {
    const id = await bury(code, Buffer.alloc(bytes, 'x'));
    expect(await act(id, 'retry')).toMatchObject({ status: 409, body: { code: 'ACTION_NOT_POSSIBLE' } });
    expect(await act(id, 'release')).toMatchObject({ status: 409, body: { code: 'ACTION_NOT_POSSIBLE' } });
    expect(await acts(operator, id)).toEqual([]);
  });
});

describe('an order that failed', () => {
  it('is shown to its user and to operators, is seen to once, and is never sent again', async () => {
    const story = filledStory('i-1', 'ida').filter(([, { type }]) => ['OrderApproved', 'OrderRouted'].includes(type));
    for (const [name, event] of story) await deployment.emit(name, [event]);
    const routed = story[1]![1].payload as Readonly<Record<string, unknown>>;
    await deployment.emit('execution-binance', [
      {
        topic: 'OrderFailed',
        type: 'OrderFailed',
        key: 'ida',
        payload: {
          ...routed,
          stage: 'execution',
          status: 'failed',
          code: 'VENUE_UNREACHABLE',
          message: 'The venue could not be reached.',
          facts: {},
          retriable: true,
          orderVersion: 1,
          cumulativeQuantity: '0',
          failedAt: new Date().toISOString(),
        },
        cause: { id: 'i-1', correlationId: 'i-1' },
      },
    ]);
    const id = 'task-child-i-1';
    await until(async () => (await failed('?kind=task')).length === 1);
    for (const token of [operator, deployment.token('ida')])
      expect(await failed('?kind=task', token)).toMatchObject([
        { id, userId: 'ida', orderId: 'child-i-1', venue: 'binance', code: 'VENUE_UNREACHABLE' },
      ]);
    expect(await act(id, 'retry')).toMatchObject({
      status: 409,
      body: { code: 'ACTION_NOT_POSSIBLE', detail: expect.stringContaining('never sent again') },
    });
    expect((await act(id, 'discard')).body['actId']).toBeDefined();
    expect((await act(id, 'discard')).body['actId']).toBeUndefined();
    expect(await failed('?kind=task')).toEqual([]);
    await until(async () => (await acts(deployment.token('ida'), id)).length === 1);
  });
});

describe('failed work', () => {
  it('is acted on by operators alone, with a reason, and by its id', async () => {
    const id = await park('jon', 'j-1');
    expect(await act(id, 'release', { reason: 'mine' }, deployment.token('jon'))).toMatchObject({ status: 403 });
    for (const body of [{}, { reason: ' ' }, { reason: 'x'.repeat(501) }])
      expect(await act(id, 'release', body)).toMatchObject({ status: 400, body: { errors: [{ path: 'reason' }] } });
    expect(await act(id, 'release', { reason: 'x', events: 'all' })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'events' }] },
    });
    for (const unknown of ['parked-0', 'dead_letter-0-1', 'task-nobody', 'other-1', 'x%00y', 'parked-%00'])
      expect(await act(unknown, 'discard')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect((await failed('?userId=jon'))[0]).toMatchObject({ id, attempts: 0 });
  });

  it('is paged over all its kinds without losing or repeating anything', async () => {
    const whole = await failed('?limit=500');
    expect(new Set(whole.map(({ kind }) => kind)).size).toBeGreaterThan(1);
    expect(whole.map(({ at }) => at)).toEqual(
      whole
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    const paged: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await deployment.get(`/v1/failed?limit=1${cursor}`, operator);
      paged.push(...body.items);
      cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(paged).toEqual(whole);
    expect((await deployment.get('/v1/failed?cursor=x', operator)).body).toMatchObject({ code: 'MALFORMED' });
  });
});
