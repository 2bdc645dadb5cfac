import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { TAKE as TAKE_SIMULATED, takeSimulated } from '../../simulated/simulated-queue.js';
import { tryLockSimulator } from '../../simulated/simulator-lock.js';
import { openHarness, type Harness } from '../../testing/harness.js';
import { TAKE, take } from './take.js';

const postgres = testDatabase();
let harness: Harness;
/** One connection: what it has prepared can be asked for. */
let alone: Database;

beforeAll(async () => {
  harness = await openHarness(postgres);
  alone = await postgres.open(harness.db.schema, { poolSize: 1 });
});
afterEach(() => harness.reset());

const rules = { most: 20, perUser: 5, nowMs: Date.now(), floor: 0 };
let made = 0;
const fill = async (count: number, executor: 'venue' | 'simulator', status = 'queued'): Promise<number> => {
  const from = made + 1;
  made += count;
  const { rows } = await harness.db.query<{ seq: string }>(
    `insert into execution_tasks (task_id, event_type, executor, user_id, account_id, lane, priority, status, payload, cause_id, send_by)
     select 'task-' || i, 'OrderRouted', $3, 'user-' || i % 20, 'acc-' || i % 20, 'lane-' || i, 3, $4, json_build_object('x', repeat('y', 600)),
            'cause-' || i, now() + interval '1 hour' from generate_series($1::int, $2::int) i returning seq`,
    [from, made, executor, status],
  );
  return Number(rows[0]?.seq);
};
const finish = async (status: 'executing' | 'done'): Promise<void> => {
  await harness.db.query("update execution_tasks set status = $1 where status in ('queued', 'executing')", [status]);
};

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}
const nodes = (plan: PlanNode): readonly PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
const explained = async (db: Pick<Database, 'query'>, statement: string, values: readonly unknown[] = []) => {
  const { rows } = await db.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(statement, values);
  return rows[0]!['QUERY PLAN'][0]!.Plan;
};
const readsAll = (plan: PlanNode): boolean =>
  nodes(plan).some((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'execution_tasks');

describe('a claim', () => {
  it('is planned for the table as it is, not as it was when the connection first claimed', async () => {
    for (let claims = 0; claims < 8; claims += 1) {
      await alone.transaction(async (tx) => {
        await take(tx, rules);
        const { rows } = await tx.query<{ plan_cache_mode: string }>('show plan_cache_mode');
        expect(rows[0]?.plan_cache_mode).toBe('auto');
      });
    }
    const { rows } = await alone.query(
      "select generic_plans, custom_plans from pg_prepared_statements where name = 'execution-take'",
    );
    expect(rows).toEqual([{ generic_plans: '0', custom_plans: '8' }]);
    await fill(3_000, 'venue', 'done');
    await fill(50, 'venue');
    const values = [5, 20, new Date().toISOString(), 50, 0];
    expect(readsAll(await explained(alone, `explain (format json) ${TAKE.text}`, values))).toBe(false);
  });

  it('reads no more for what is finished, also while an old snapshot keeps vacuum away', async () => {
    const blocks = async (floor: number): Promise<number> => {
      const values = [5, 20, new Date().toISOString(), 50, floor];
      const plan = await explained(harness.db, `explain (analyze, buffers, format json) ${TAKE.text}`, values);
      return plan['Shared Hit Blocks'] ?? 0;
    };
    await fill(100, 'venue');
    const few = await blocks(0);
    await alone.transaction(async (tx) => {
      await tx.query('set transaction isolation level repeatable read');
      await tx.query('select from accounts');
      for (let round = 0; round < 10; round += 1) {
        await finish('executing');
        await finish('done');
        await fill(100, 'venue');
      }
      await finish('executing');
      await finish('done');
      const floor = await fill(100, 'venue');
      expect(await blocks(0)).toBeGreaterThan(3 * few);
      expect(await blocks(floor)).toBeLessThan(2 * few);
    });
  });

  it('of simulated tasks finds them by their keys, though its plan was made when there were few', async () => {
    await fill(5, 'simulator', 'done');
    await harness.db.query('analyze execution_tasks');
    for (let claims = 0; claims < 8; claims += 1) {
      await alone.transaction(async (tx) => {
        await tryLockSimulator(tx);
        await takeSimulated(tx, 10, 0);
      });
    }
    const plan = await explained(alone, `explain (format json) execute "${TAKE_SIMULATED.name}" (10, 0)`);
    expect(readsAll(plan)).toBe(false);
  });
});
