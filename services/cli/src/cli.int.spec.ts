import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord } from '@switchyard/log';
import { openDatabase, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { startDeployment, type Ran, type TestDeployment } from './testing/deployment.js';

const postgres = testDatabase();
let deployment: TestDeployment;
/** The deployment's own user, who may do what nobody should. */
let root: Database;
const sy: TestDeployment['sy'] = (line, given) => deployment.sy(line, given);

beforeAll(async () => {
  deployment = await startDeployment(postgres.url);
  root = await openDatabase({ url: postgres.url, schema: 'journal', applicationName: 'spec' });
}, 60_000);
afterAll(async () => {
  await deployment.stop();
  await root.close();
});

describe('the command line', () => {
  it('shows every command to who asks, and the options of one', async () => {
    for (const line of [[], ['--help'], ['help']]) {
      const { exit, out } = await sy(line);
      expect(exit).toBe(0);
      expect(out).toMatch(/failed release ID\.\.\. +Have the events of parked keys handled/);
    }
    expect((await sy('help failed')).out).not.toContain('users list');
    const { exit, out } = await sy('failed discard --help');
    expect(exit).toBe(0);
    expect(out).toMatch(/--reason TEXT +Why/);
  });

  it.each([
    ['a command that there is not', 'users fly', 'users list'],
    ['a command that lacks a word', 'failed', 'failed list'],
    ['an option that there is not', 'users list --al', "Unknown option '--al'"],
    ['an argument that is missing', 'users show', 'Usage: npx switchyard users show USER'],
    ['an argument too many', 'users list bob', 'Usage: npx switchyard users list'],
    ['an act without a reason', 'failed release parked-1', '--reason is needed'],
    ['a number that is none', 'orders list --limit many', '--limit must be a whole number'],
    ['an address that is none', 'users list --url nowhere', 'is no address'],
    ['two sizes', 'signals send --quote 1 --base 1', 'not both'],
  ])('ends with 2 on %s, and says what it takes', async (_, line, sentence) => {
    const { exit, out, err } = await sy(line);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain(sentence);
  });

  it('ends with 3 where nobody could be asked', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((resolve) => closed.close(resolve));
    const nowhere = await sy('users list', { env: { SWITCHYARD_URL: url } });
    expect(nowhere).toMatchObject({ exit: 3, out: '' });
    expect(nowhere.err).toContain(`Nothing answers at ${url} (ECONNREFUSED)`);
    const noToken = await sy('users list', { env: { SWITCHYARD_DATA_DIR: '/nowhere' } });
    expect(noToken).toMatchObject({ exit: 3, err: expect.stringContaining('SWITCHYARD_TOKEN') });
    expect(await sy('users list --as nobody')).toMatchObject({
      exit: 3,
      err: expect.stringContaining('admin, operator'),
    });
  });

  it('gives its token to nobody but whom it was told to ask, and takes no web page for an answer', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.headers.authorization ?? '');
      if (request.url?.startsWith('/v1/users') === true) response.writeHead(307, { location: deployment.url }).end();
      else response.end('<html>');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect((await sy(`users list --url ${url}`)).exit).toBe(3);
    expect(await sy(`orders list --url ${url}`)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('no Switchyard'),
    });
    expect(asked).toHaveLength(2);
    await new Promise((resolve) => other.close(resolve));
  });

  it('ends with 1 where the answer is no, with its code, for people and for programs', async () => {
    expect(await sy('users show nobody')).toMatchObject({
      exit: 1,
      out: '',
      err: expect.stringMatching(/^NOT_FOUND: /),
    });
    const { exit, json } = await sy('users show nobody --json');
    expect([exit, json]).toMatchObject([1, { code: 'NOT_FOUND', status: 404, error: expect.any(String) }]);
    expect((await sy('users list', { env: { SWITCHYARD_TOKEN: 'x'.repeat(32) } })).err).toContain('UNAUTHENTICATED');
  });
});

describe('users, tokens and accounts', () => {
  it('are made, shown and changed', async () => {
    expect(await sy('users create ann --mode simulated')).toMatchObject({ exit: 0, err: '' });
    expect((await sy('users create ann')).err).toContain('CONFLICT');
    expect((await sy('users list')).out).toMatch(/^ann +yes +simulated/m);
    const connect =
      'accounts connect ann --venue binance --mode simulated --id ann-1 --balance USDT=1000 --balance BTC=0.5';
    expect((await sy(`${connect} --json`)).json).toMatchObject({ startingBalances: { USDT: '1000', BTC: '0.5' } });
    expect((await sy('accounts list ann')).out).toMatch(/^ann-1 +binance +simulated +spot +connected/m);
    expect((await sy(['users', 'disable', 'ann', '--reason', 'asked to', '--json'])).json.enabled).toBe(false);
    expect((await sy('users show ann')).out).toMatch(/^enabled +false$/m);
    expect((await sy('users enable ann --json')).json.enabled).toBe(true);
    expect((await sy('accounts remove ann ann-1 --json')).json.status).toBe('removed');
  });

  it('follow strategies, are paused and resumed, and get their copies of what a publisher sends', async () => {
    await sy('users create fay --mode simulated');
    await sy('accounts connect fay --venue binance --mode simulated --id fay-1 --usdt-as-usd --balance USDT=1000');
    const terms = '--multiplier 0.5 --max-quote 80 --pair BTC-USD --min-strength 0.1 --hours 1-7/00:00-00:00';
    expect((await sy(`subscriptions add fay swing fay-1 ${terms} --json`)).json).toMatchObject({
      scaling: { kind: 'multiplier', factor: '0.5' },
      maxQuote: '80',
      filter: { pairs: ['BTC-USD'], minStrength: 0.1 },
      hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00' }],
      paused: false,
    });
    const { token } = (await sy('tokens issue fay --publishes swing --json')).json;
    const send = 'signals send --strategy swing --pair BTC-USD --side buy --quote 200 --wait 20 --file - --json';
    const input = '{"strength": 0.5, "confluenceScore": 4}';
    expect(await sy(send, { input })).toMatchObject({ exit: 1, err: expect.stringMatching(/FORBIDDEN/) });
    const env = { SWITCHYARD_TOKEN: token as string };
    // Those who publish learn that it was taken; who got a copy is the operators' to see.
    const { signalId } = (await sy(send.replace('--wait 20 ', ''), { input, env })).json;
    await until(async () => (await sy(`signals show ${signalId} --strategy swing --json`)).json.status === 'copied');
    expect((await sy(`signals show ${signalId} --strategy swing`)).out).toMatch(/^copied +1$/m);
    const copy = (await sy(`signals show ${signalId}/fay-1 --user fay --json`)).json;
    expect(copy).toMatchObject({ userId: 'fay', size: { quote: '80' }, copyOf: signalId });
    expect((await sy('subscriptions pause fay swing fay-1 --json')).json.paused).toBe(true);
    expect((await sy('subscriptions list fay')).out).toMatch(/^swing +fay-1 +paused +x 0\.5 +80 +some$/m);
    const second = (await sy(send.replace('--wait 20 ', ''), { input, env })).json.signalId;
    await until(async () => (await sy(`signals show ${second} --strategy swing --json`)).json.skipped === 1);
    expect((await sy(`signals show ${second} --strategy swing`)).out).toMatch(/^fay +fay-1 +paused$/m);
    expect((await sy('subscriptions resume fay swing fay-1 --json')).json.paused).toBe(false);
    expect(await sy('subscriptions remove fay swing fay-1')).toMatchObject({ exit: 0 });
    expect((await sy('subscriptions list fay')).out).toBe('No strategy is followed.\n');
    expect(await sy('subscriptions add fay swing fay-1 --hours 9-17')).toMatchObject({ exit: 2 });
  });

  it('have limits, which are replaced whole', async () => {
    await sy('users create lim');
    const replaced = await sy('users limits lim --replace - --json', { input: '{"maxOpenPositions": 7}' });
    expect(replaced.json.maxOpenPositions).toBe(7);
    expect((await sy('users limits lim')).out).toMatch(/^maxOpenPositions +7$/m);
    expect(await sy('users limits lim --replace -', { input: '{"maxOpen": 7}' })).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/MALFORMED[^]*maxOpen: is not known here/),
    });
    expect((await sy('users limits lim --replace -', { input: 'seven' })).exit).toBe(2);
  });

  it('take keys from a file or from standard input, and never show them', async () => {
    await sy('users create kim');
    await writeFile(join(deployment.dataDir, 'keys.json'), '{"apiKey": "KEY-1", "secret": "SECRET-1"}');
    const connected = await sy('accounts connect kim --venue binance --mode paper --id kim-1 --keys keys.json');
    expect(connected.exit).toBe(0);
    const rotated = await sy('accounts rotate kim kim-1 --keys -', {
      input: '{"apiKey": "KEY-2", "secret": "SECRET-2"}',
    });
    expect(rotated.out).toMatch(/^keyVersion +2$/m);
    expect(`${connected.out}${rotated.out}`).not.toMatch(/SECRET|KEY-/);
    expect((await sy('accounts rotate kim kim-1 --keys nowhere.json')).exit).toBe(2);
    const others = await sy('accounts rotate kim kim-1 --keys keys.json --as operator');
    expect(others).toMatchObject({ exit: 1, err: expect.stringMatching(/FORBIDDEN/) });
  });

  it('have what seals their keys changed by an admin, and the keys stay theirs', async () => {
    expect((await sy('keys status')).out).toMatch(/^toRewrap +0$/m);
    expect((await sy('keys rewrap --json')).json).toMatchObject({ rewrapped: 0, unreadable: [] });
    expect((await sy('keys rotate --user kim')).out).toMatch(/^rotated +1$/m);
    const all = await sy('keys rotate --json');
    expect(all).toMatchObject({ exit: 0, json: { remaining: 0, unreadable: [] } });
    expect(all.json.rotated).toBeGreaterThan(1);
    expect((await sy('keys rotate --made-before 2020-01-01T00:00:00Z --json')).json.rotated).toBe(0);
    expect((await sy('accounts list kim')).out).toMatch(/kim-1 +binance +paper +spot +connected +2/);
    expect(await sy('keys status --as operator')).toMatchObject({ exit: 1, err: expect.stringMatching(/FORBIDDEN/) });
  });

  it('have tokens that work until they are revoked', async () => {
    const { json } = await sy('tokens issue demo --name strategy --json');
    const env = { SWITCHYARD_TOKEN: json.token as string };
    expect((await sy('orders list', { env })).exit).toBe(0);
    const listed = await sy('tokens list demo');
    expect(listed.out).toMatch(/ trader +strategy +admin/);
    expect(listed.out).not.toContain(json.token);
    expect((await sy(`tokens revoke demo ${json.tokenId}`)).exit).toBe(0);
    expect((await sy('approvals list --status pending')).out).toBe('Nothing waits.\n');
    expect((await sy('approvals approve apr-1')).err).toMatch(/^NOT_FOUND/);
    const hook = await sy('tokens issue demo --webhook momentum-1 --address tradingview');
    expect(hook.out).toMatch(/^path +\/v1\/webhooks\/tradingview\/syw_/m);
    expect((await sy('tokens list demo')).out).toMatch(/^tok-\S+ +webhook of momentum-1/m);
    expect((await sy('tokens issue demo --webhook m --role trader')).err).toContain('a webhook has none');
    await until(async () => (await sy('orders list', { env })).exit === 1);
  });
});

describe('what waits for a second person', () => {
  it('is the closing of everybody’s positions: another one approves it, and then it begins', async () => {
    const tokens = JSON.parse(await readFile(join(deployment.dataDir, 'tokens.json'), 'utf8')) as Record<
      string,
      string
    >;
    const rest = async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${deployment.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${tokens['operator'] ?? ''}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, any> };
    };
    const wish = { state: 'halted', reason: 'flash crash', flatten: true };
    const asked = await rest('PUT', '/v1/trading-state/global', wish);
    expect(asked).toMatchObject({ status: 202, body: { code: 'APPROVAL_REQUIRED', state: 'halted' } });
    const state = async () => (await rest('GET', '/v1/trading-state/global')).body;
    expect(await state()).not.toHaveProperty('flatten');
    const id = asked.body['approvalId'] as string;
    expect((await sy('approvals list --status pending')).out).toMatch(
      new RegExp(`^${id} +flatten_all +pending .*global`, 'm'),
    );
    expect((await sy(`approvals approve ${id}`)).err).toContain('SECOND_PERSON_NEEDED');
    expect(await state()).not.toHaveProperty('flatten');
    expect((await sy(`approvals approve ${id} --as admin`)).out).toMatch(/^status +approved/m);
    await until(async () => (await state())['flatten']?.outcome === 'flat');
    expect((await state())['flatten']).toMatchObject({ requestedBy: 'operator', version: asked.body['version'] });
    expect((await rest('PUT', '/v1/trading-state/global', { state: 'active', reason: 'over' })).body['state']).toBe(
      'active',
    );
  });
});

describe('signals and orders', () => {
  const SEND = 'signals send --pair BTC-USD --side buy --quote 250';

  it('are sent with what was given, once under one id, and shown', async () => {
    expect(await sy(`${SEND} --id s-1 --stop-loss 63000`)).toMatchObject({ exit: 0, out: 's-1 is accepted.\n' });
    expect((await sy(`${SEND} --id s-1 --stop-loss 62000`)).err).toContain('SIGNAL_ID_REUSED');
    await until(async () => (await sy('signals show s-1 --as demo --json')).json.pair !== undefined);
    expect((await sy('signals show s-1 --as demo --json')).json).toMatchObject({
      userId: 'demo',
      signalType: 'entry',
      size: { quote: '250' },
      stopLoss: '63000',
    });
    const file = { pair: 'BTC-USD', side: 'buy', signalType: 'entry', size: { base: '0.01' } };
    const sent = await sy('signals send --file - --id s-2 --json', { input: JSON.stringify(file) });
    expect(sent.json.signalId).toBe('s-2');
  });

  it('end with 1 when they are refused, and say why', async () => {
    const { exit, out } = await sy(`${SEND} --id s-3 --stop-loss 65000 --entry-price 64000 --wait 20`);
    expect(exit).toBe(1);
    expect(out).toMatch(/^status +rejected$/m);
    expect(out).toMatch(/^validation +STOP_LOSS_WRONG_SIDE +/m);
    expect((await sy('signals send --pair NO-WHERE --side buy')).err).toContain('UNKNOWN_PAIR');
  });

  it('are listed, and an order tells its story', async () => {
    const at = new Date().toISOString();
    await root.query(
      `insert into orders (order_id, parent_order_id, signal_id, user_id, pair, side, quantity, order_version, status, rank,
                           filled_quantity, created_at)
       values ('o-1', 'o-1', 's-1', 'demo', 'BTC-USD', 'buy', 0.01, 1, 'routing', 10, 0, $1)`,
      [at],
    );
    expect((await sy('orders list --user demo --status routing')).out).toMatch(
      /^o-1 +demo +- +BTC-USD +buy +0\.01 +0 /m,
    );
    expect((await sy('orders list --status filled')).out).toBe('No order.\n');
    const { out } = await sy('orders show o-1');
    expect(out).toMatch(/^status +routing$/m);
    expect(out).toMatch(/gateway +TradingSignalGenerated +A signal came: entry, buy BTC-USD\./);
    expect((await sy('orders list --status nothing')).err).toContain('MALFORMED');
    expect((await sy('orders cancel o-1 --reason news')).out).toMatch(/^status +cancel_pending$/m);
    await until(async () => (await sy('orders show o-1')).out.includes('asked for it to be cancelled: news.'));
    await root.query("update orders set status = 'filled', ended_at = now() where order_id = 'o-1'");
    expect(await sy('orders cancel o-1')).toMatchObject({ exit: 1, err: expect.stringContaining('ORDER_FINISHED') });
  });
});

describe('failed work', () => {
  const park = async (key: string, reason = 'Error: x'): Promise<string> => {
    await root.query("insert into log.parked_keys (group_name, partition, key, reason) values ('risk', 0, $1, $2)", [
      key,
      reason,
    ]);
    await root.query(
      `insert into log.parked_events (group_name, partition, key, topic, source, sequence, record)
       values ('risk', 0, $1, 'SignalValidated', 'signal-validation/0/1', 1, $2)`,
      [key, encodeRecord({ key, id: `event-${key}`, type: 'T', time: '', value: Buffer.of() })],
    );
    const { json } = await sy(`failed list --user ${key} --json`);
    return json[0].id as string;
  };

  it('is listed, acted on with a reason, and the rest is not kept from it by one that can’t be', async () => {
    expect((await sy('failed list --kind parked')).out).toBe('Nothing failed.\n');
    await root.query("insert into log.shards (deployment, partition) values ('risk', 0) on conflict do nothing");
    const [ann, bob] = [await park('ann'), await park('bob', 'TypeError: y\n\u001b[2Jz')];
    const listed = (await sy('failed list')).out;
    expect(listed).toMatch(/^parked-\w{32} +\S+ +ann +1 events parked in risk +Error: x$/m);
    expect(listed).toContain('TypeError: y  [2Jz');
    const released: Ran = await sy(['failed', 'release', ann, 'parked-0', '--reason', 'mended in 1.2', '--json']);
    expect(released.exit).toBe(1);
    expect(released.json).toMatchObject([
      { id: ann, actId: expect.any(String), detail: expect.stringContaining('in their order') },
      { id: 'parked-0', error: expect.stringContaining('NOT_FOUND') },
    ]);
    expect((await sy('failed list --user ann')).out).toContain('releasing');
    expect((await sy(['failed', 'retry', bob, '--reason', 'x'])).out).toContain('ACTION_NOT_POSSIBLE');
    expect((await sy(['failed', 'discard', bob, '--reason', 'a test', '--events', 'all'])).exit).toBe(0);
    expect((await sy('failed list --user bob')).out).toBe('Nothing failed.\n');
    await sy(['failed', 'release', ann, '--reason', 'x', '--as', 'demo']).then(({ out }) => {
      expect(out).toContain('FORBIDDEN');
    });
  });
});

describe('the audit trail', () => {
  const sealed = () =>
    until(async () => {
      const { json } = await sy('audit verify --json');
      return json.rows > 0 && json.unsealedRows === 0;
    });

  it('is found whole, and what was changed or cut off is named', async () => {
    await sealed();
    const whole = await sy('audit verify');
    expect(whole).toMatchObject({ exit: 0, err: '' });
    expect(whole.out).toMatch(/^intact +yes$/m);
    const heads = (await sy('audit verify --json')).out;
    expect((await sy('audit verify --heads -', { input: heads })).exit).toBe(0);

    await root.query('alter table audit disable trigger user');
    await root.query('alter table audit_batches disable trigger user');
    await root.query(
      "update audit set value = '{}' where (chain, row) = (select chain, row from audit order by 1, 2 limit 1)",
    );
    const changed = await sy('audit verify');
    expect(changed.exit).toBe(1);
    expect(changed.out).toMatch(/^intact +NO$/m);
    expect(changed.out).toMatch(/^ROW_CHANGED +Row \d+ of chain \d+/m);

    // Whoever cuts off whole batches at the end leaves a trail that is whole up to there.
    const { chain, lastRow } = (
      JSON.parse(heads) as { heads: { chain: number; batch: number; lastRow: number }[] }
    ).heads.at(-1)!;
    await root.query('delete from audit_batches where chain = $1', [chain]);
    await root.query('delete from audit where chain = $1 and row <= $2', [chain, lastRow]);
    const cut = await sy('audit verify --heads - --json', { input: heads });
    expect(cut.json.missingHeads).toMatchObject([{ chain }]);
  });

  it('can’t be verified where there is no database to read', async () => {
    expect(await sy('audit verify', { env: { DATABASE_URL: '' } })).toMatchObject({
      exit: 3,
      err: expect.stringContaining('set DATABASE_URL'),
    });
    expect((await sy('audit verify', { env: { DATABASE_URL: 'postgres://127.0.0.1:1/x' } })).exit).toBe(3);
    expect((await sy('audit verify --heads -', { input: '{}' })).exit).toBe(2);
  });
});
