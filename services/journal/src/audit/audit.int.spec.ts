import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditRecorded } from '@switchyard/contracts';
import type { EventLog, LogEvent, OutgoingEvent } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { AuditSealer } from '../adapters/audit-sealer.js';
import { JournalEffects } from '../adapters/journal-effects.js';
import { postgresAuditReader } from '../adapters/postgres-audit-reader.js';
import { ordersNamed, postgresEvidence, rowsOfSignal } from '../adapters/postgres-evidence.js';
import { journal } from '../index.js';
import { eventOf, filledOrder } from '../testing/filled-order.js';
import { verifyRows } from './evidence.js';
import { verifyAudit } from './verify.js';

const postgres = testDatabase();
let db: Database;
let emitted: OutgoingEvent[];

const log = {
  append: (_tx: Tx, events: readonly OutgoingEvent[]) => {
    emitted.push(...events);
    return Promise.resolve();
  },
} satisfies Pick<EventLog<Tx>, 'append'>;

/** What an intruder with the powers of the database's owner could do. */
const withoutTriggers = async <T>(act: () => Promise<T>): Promise<T> => {
  const tables = ['audit', 'audit_batches', 'audit_repeats'];
  for (const table of tables) await db.query(`alter table ${table} disable trigger all`);
  try {
    return await act();
  } finally {
    for (const table of tables) await db.query(`alter table ${table} enable trigger all`);
  }
};
const tamper = async (sql: string): Promise<void> => {
  const { rowCount } = await withoutTriggers(() => db.query(sql));
  expect(rowCount).toBeGreaterThan(0);
};

beforeEach(async () => {
  db = await postgres.open('journal', { folder: journal.migrations! });
  emitted = [];
  await withoutTriggers(() => db.query('truncate audit, audit_batches, audit_heads, audit_repeats'));
});

const record = async (events: readonly LogEvent[]): Promise<void> => {
  const recordedAt = new Date().toISOString();
  await db.transaction((tx) =>
    new JournalEffects(() => undefined).apply(
      tx,
      events.map((event) => ({ event, recordedAt })),
    ),
  );
};

const sealer = () => new AuditSealer(db, log, 4);
const sealAll = async (): Promise<void> => {
  while ((await sealer().sealOnce(new Date())) > 0);
};
const verdict = () => verifyAudit(postgresAuditReader(db));

/** Two chains: 18 rows in chain 7, 9 in chain 8, in batches of 4 at most. */
const trail = async (): Promise<void> => {
  await record(filledOrder('a', 'user-1', 7));
  await sealer().sealOnce(new Date());
  await record([...filledOrder('b', 'user-2', 8), ...continued(filledOrder('c', 'user-1', 7))]);
  await sealAll();
};

/** A second story of the same sources goes on with their numbers. */
const continued = (events: readonly LogEvent[]): readonly LogEvent[] =>
  events.map((event) =>
    eventOf(event.topic, event.key, event.value, {
      id: event.id,
      partition: event.partition,
      source: event.source!,
      sequence: event.sequence + (event.topic === 'OrderFilled' ? 2 : 1),
      correlationId: event.correlationId!,
    }),
  );

describe('the audit trail', () => {
  it('numbers rows densely per chain and is found intact', async () => {
    await trail();
    expect(await verdict()).toMatchObject({
      intact: true,
      chains: 2,
      rows: 27,
      batches: 8,
      unsealedRows: 0,
      heads: [
        { chain: 7, lastRow: 18 },
        { chain: 8, lastRow: 9 },
      ],
      findings: [],
    });
  });

  describe('of a signal that its door published twice', () => {
    const signal = (
      id: string,
      value: unknown,
      part: { readonly partition?: number; readonly source?: string; readonly sequence?: number } = {},
    ) =>
      eventOf('TradingSignalGenerated', 'user-1', value, {
        id,
        partition: 7,
        source: 'signal-validation/0/1',
        sequence: 2,
        correlationId: 's-1',
        ...part,
      });
    const ids = async (): Promise<readonly string[]> =>
      (await db.query<{ event_id: string }>('select event_id from api_audit order by chain, row')).rows.map(
        ({ event_id }) => event_id,
      );

    it('holds it once, whether the second comes with the first or later, and numbers the others densely', async () => {
      const [first, ...others] = filledOrder('a', 'user-2', 7);
      await record([signal('e-1', { n: 1 }), signal('e-1', { n: 1 }), first!]);
      await record([...others.slice(0, 2), signal('e-1', { n: 1 }), signal('e-2', { n: 2 }), ...others.slice(2)]);
      await record([signal('e-2', { n: 2 }), signal('e-1', { n: 1 })]);
      const rest = others.map(({ id }) => id);
      expect(await ids()).toEqual(['e-1', first!.id, ...rest.slice(0, 2), 'e-2', ...rest.slice(2)]);
      await sealAll();
      expect(await verdict()).toMatchObject({ intact: true, rows: 11, unsealedRows: 0 });
    });

    it('keeps the numbers that the other copies had, in the transaction and across it', async () => {
      await record([signal('e-1', { n: 1 }, { sequence: 3 }), signal('e-1', { n: 1 }, { sequence: 5 })]);
      await record([signal('e-1', { n: 1 }, { sequence: 3 }), signal('e-2', { n: 2 }, { sequence: 6 })]);
      await record([signal('e-2', { n: 2 }, { sequence: 7 }), signal('e-1', { n: 1 }, { sequence: 8 })]);
      const { rows } = await db.query<{ sequence: string; event_id: string }>(
        'select sequence, event_id from audit_repeats order by recorded_at, sequence',
      );
      expect(rows.map(({ sequence, event_id }) => `${sequence} ${event_id}`).sort()).toEqual([
        '3 e-1',
        '5 e-1',
        '7 e-2',
        '8 e-1',
      ]);
    });

    it('holds what only claims to be the same: other bytes, another chain, or a stranger’s', async () => {
      await record([signal('e-1', { n: 1 })]);
      await record([signal('e-1', { n: 2 }), signal('e-1', { n: 1 }, { partition: 8 })]);
      await record([signal('e-1', { n: 1 }, { source: 'elsewhere/0/1' })]);
      expect(await ids()).toEqual(['e-1', 'e-1', 'e-1', 'e-1']);
      expect(await verdict()).toMatchObject({ intact: true, rows: 4 });
    });

    it('asks the database no more often than without', async () => {
      const questions = async (events: readonly LogEvent[]): Promise<number> => {
        let asked = 0;
        await db.transaction((tx) => {
          const counting = Object.assign(Object.create(tx) as Tx, {
            query: (...args: Parameters<Tx['query']>) => {
              asked += 1;
              return tx.query(...args);
            },
          });
          return new JournalEffects(() => undefined).apply(
            counting,
            events.map((event) => ({ event, recordedAt: '2026-11-21T12:00:00.000Z' })),
          );
        });
        return asked;
      };
      const other = eventOf(
        'SignalRejected',
        'user-1',
        {},
        { id: 'r-1', partition: 7, source: 'risk/7/1', sequence: 1 },
      );
      expect(await questions([signal('e-1', { n: 1 })])).toBe(await questions([other]));
    });
  });

  it('says AuditRecorded once for each sealed batch', async () => {
    await trail();
    const { rows } = await db.query<{ chain: number; batch: string; hash: Buffer }>(
      'select chain, batch, hash from api_batches order by chain, batch',
    );
    const told = emitted.map(({ payload }) => payload as AuditRecorded);
    expect(told.map(({ chain, batch, hash }) => `${chain} ${batch} ${hash}`).sort()).toEqual(
      rows.map(({ chain, batch, hash }) => `${chain} ${batch} ${hash.toString('hex')}`).sort(),
    );
  });

  it('is sealed once when two seal at the same time', async () => {
    await record(filledOrder());
    const sealed = await Promise.all([sealer().sealOnce(new Date()), sealer().sealOnce(new Date(Date.now() + 5))]);
    expect(sealed.reduce((sum, n) => sum + n)).toBe(emitted.length);
    await sealAll();
    expect(await verdict()).toMatchObject({ intact: true, unsealedRows: 0 });
  });

  it('holds why a record is a dead letter, under its hash', async () => {
    const headers = { dlt_code: 'UNREADABLE', dlt_message: "It can't be read." };
    const topic = 'TradingSignalGenerated.signal-validation.dlt';
    await record([eventOf(topic, 'x', Buffer.from('{'), { id: 'd-1', partition: 0, headers })]);
    expect((await db.query('select reason from api_audit')).rows).toEqual([
      { reason: "UNREADABLE: It can't be read." },
    ]);
    expect(await verdict()).toMatchObject({ intact: true, rows: 1 });
    await tamper(`update audit set reason = 'KEY_MISMATCH: no'`);
    expect((await verdict()).findings).toMatchObject([{ problem: 'ROW_CHANGED' }]);
  });

  it('counts what is not sealed yet', async () => {
    await record(filledOrder());
    expect(await verdict()).toMatchObject({ intact: true, rows: 9, unsealedRows: 9, batches: 0 });
  });

  it.each([
    'update audit set key = key',
    'delete from audit',
    'truncate audit',
    'delete from audit_batches',
    'delete from audit_repeats',
  ])('refuses "%s"', async (sql) => {
    await record(filledOrder());
    await expect(db.query(sql)).rejects.toThrow('append-only');
  });

  it.each([
    [
      'one byte of what was said',
      `update audit set value = set_byte(value, 10, get_byte(value, 10) # 1) where chain = 7 and row = 3`,
      'ROW_CHANGED',
    ],
    ['whose event it was', `update audit set user_id = 'user-2' where chain = 7 and row = 3`, 'ROW_CHANGED'],
    [
      'when it was recorded',
      `update audit set recorded_at = recorded_at + interval '1 ms' where chain = 7 and row = 3`,
      'ROW_CHANGED',
    ],
    ['that it happened at all', `delete from audit where chain = 7 and row = 3`, 'ROW_MISSING'],
    [
      'a seal',
      `update audit_batches set sealed_at = sealed_at + interval '1 ms' where chain = 7 and batch = 2`,
      'CHAIN_BROKEN',
    ],
    ['that there was a seal', `delete from audit_batches where chain = 7 and batch = 2`, 'BATCH_MISSING'],
  ])('shows when somebody changes %s', async (_, sql, problem) => {
    await trail();
    await tamper(sql);
    const { intact, findings } = await verdict();
    expect(intact).toBe(false);
    expect(findings.map((finding) => finding.problem)).toContain(problem);
    expect(findings.every(({ chain }) => chain === 7)).toBe(true);
  });

  it("shows a row that was forged together with its hash, by its batch's root", async () => {
    await trail();
    const other = await db.query<{ hash: Buffer }>('select hash from audit where chain = 7 and row = 4');
    await db.query('select 1');
    await tamper(`update audit set hash = '\\x${other.rows[0]!.hash.toString('hex')}' where chain = 7 and row = 3`);
    expect((await verdict()).findings.map(({ problem }) => problem)).toContain('ROOT_DIFFERS');
  });

  it('shows an event of a source that never came', async () => {
    const [first, , third] = [1, 2, 3].map((sequence) =>
      eventOf('SignalRejected', 'user-1', {}, { id: `r-${sequence}`, partition: 7, source: 'risk/7/1', sequence }),
    );
    await record([first!, third!]);
    expect(await verdict()).toMatchObject({ intact: false, findings: [{ problem: 'SEQUENCE_GAP', row: 2 }] });
  });

  it('takes what a parked key held back as what it is: late, not missing', async () => {
    const numbered = (sequence: number) =>
      eventOf('SignalRejected', 'user-1', {}, { id: `r-${sequence}`, partition: 7, source: 'risk/7/1', sequence });
    await record([1, 2, 6].map(numbered));
    await record([4, 3].map(numbered));
    expect(await verdict()).toMatchObject({ intact: false, problems: 1, findings: [{ row: 3 }] });
    await record([numbered(5)]);
    expect(await verdict()).toMatchObject({ intact: true });
    await record([numbered(5)]);
    expect(await verdict()).toMatchObject({ intact: false, findings: [{ problem: 'SEQUENCE_GAP', row: 7 }] });
  });

  it('lets the gateway read the views and nothing else', async () => {
    const gateway = await postgres.open('gateway');
    await record(filledOrder());
    const { rows } = await gateway.query('select count(*)::int as n from journal.api_audit');
    expect(rows).toEqual([{ n: 9 }]);
    await expect(gateway.query('select 1 from journal.audit')).rejects.toThrow('permission denied');
    await expect(gateway.query('delete from journal.api_audit')).rejects.toThrow('permission denied');
  });
});

describe('rows that somebody reads one by one', () => {
  /** Chain 7 in batches of 4: rows 2 and 3 are what was approved and routed of signal a, in its first batch. */
  const decided = async () => {
    const signal = { signalId: 'a', userId: 'user-1' };
    const rows = await rowsOfSignal(db, signal, ['OrderApproved', 'OrderRouted']);
    return { rows, evidence: await verifyRows(postgresEvidence(db), rows) };
  };

  it('are found by whatever name their order has, and held by the end of their chain', async () => {
    await trail();
    for (const id of ['parent-a', 'child-a', 'client-a', 'venue-a'])
      expect(await ordersNamed(db, id)).toMatchObject([{ parentOrderId: 'parent-a', signalId: 'a', userId: 'user-1' }]);
    const { rows, evidence } = await decided();
    expect(rows.map(({ row, type }) => [row, type])).toEqual([
      [2, 'OrderApproved'],
      [3, 'OrderRouted'],
    ]);
    const [head] = (await verdict()).heads;
    expect(evidence).toEqual({
      intact: true,
      rows: 2,
      unsealedRows: 0,
      findings: [],
      heads: [{ chain: 7, batch: head!.batch, hash: head!.hash }],
    });
    expect(head!.batch).toBeGreaterThan(1);
  });

  it('are counted where no batch holds them yet, and belong to nobody else', async () => {
    await record(filledOrder('a', 'user-1', 7));
    expect((await decided()).evidence).toMatchObject({ intact: true, rows: 2, unsealedRows: 2 });
    expect(await rowsOfSignal(db, { signalId: 'a', userId: 'user-2' }, ['OrderRouted'])).toEqual([]);
  });

  it.each([
    [
      'a byte',
      `update audit set value = set_byte(value, 10, get_byte(value, 10) # 1) where chain = 7 and row = 3`,
      'ROW_CHANGED',
    ],
    ['a row beside them', `delete from audit where chain = 7 and row = 4`, 'ROOT_DIFFERS'],
    [
      'the seal that holds them',
      `update audit_batches set merkle_root = hash where chain = 7 and batch = 1`,
      'CHAIN_BROKEN',
    ],
    ['a later seal', `update audit_batches set previous_hash = hash where chain = 7 and batch = 3`, 'CHAIN_BROKEN'],
    ['that there was a seal', `delete from audit_batches where chain = 7 and batch = 1`, 'BATCH_MISSING'],
  ])('are not believed when somebody changed %s', async (_, sql, problem) => {
    await trail();
    await tamper(sql);
    const { evidence } = await decided();
    expect(evidence.intact).toBe(false);
    expect(evidence.findings.map((finding) => finding.problem)).toContain(problem);
  });
});
