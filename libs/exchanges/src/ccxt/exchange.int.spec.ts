import { beforeAll, describe, expect, it } from '@jest/globals';
import { ask, attach } from './call.js';
import {
  endpoint,
  loadCcxtClass,
  rehosted,
  shareWith,
  withEndpoints,
  type CcxtClass,
  type CcxtExchange,
} from './exchange.js';
import { Transport } from './transport.js';

const HERE = 'http://127.0.0.1:9';
const WANTED = { public: { get: ['time'] }, private: { post: ['order'] } };

let Full: CcxtClass;
let Lean: CcxtClass;

beforeAll(async () => {
  Full = await loadCcxtClass('binance');
  Lean = withEndpoints(Full, WANTED);
});

const hostsIn = (urls: unknown): readonly string[] => {
  if (typeof urls === 'string') return URL.canParse(urls) ? [new URL(urls).host] : [];
  return typeof urls === 'object' && urls !== null ? Object.values(urls).flatMap(hostsIn) : [];
};

describe('a venue pointed at another origin', () => {
  it('has no URL left that points at a real host, in any environment', () => {
    const { urls } = new Full({});
    expect(hostsIn(urls)).toContain('api.binance.com');
    expect(hostsIn(urls).length).toBeGreaterThan(40);
    expect(new Set(hostsIn(rehosted(urls, HERE)))).toEqual(new Set(['127.0.0.1:9']));
  });

  it('keeps each endpoint’s path', () => {
    const moved = rehosted(new Full({}).urls, HERE) as { readonly api: Readonly<Record<string, string>> };
    expect(moved.api['private']).toBe(`${HERE}/api/v3`);
    expect(moved.api['sapiV3']).toBe(`${HERE}/sapi/v3`);
  });

  it('sends nothing to an origin that is not its own, whatever ccxt asks for', async () => {
    const transport = new Transport(HERE);
    const exchange = new Lean({ enableRateLimit: false });
    attach(exchange, transport, { readError: () => null, limits: {}, readLimits: () => [] });
    for (const foreign of ['https://api.binance.com', `${HERE}9`, `${HERE}@api.binance.com`, 'http://127.0.0.1']) {
      exchange.urls = rehosted(exchange.urls, foreign);
      const result = await ask(() => endpoint(exchange, 'publicGetTime')({}));
      expect(result).toMatchObject({ kind: 'notSent', reason: 'foreignOrigin' });
    }
    await transport.close();
  });
});

describe('a lean instance', () => {
  it('has the wanted endpoints and no way to withdraw', () => {
    const lean = new Lean({});
    expect(endpoint(lean, 'privatePostOrder')).toBeDefined();
    expect(typeof new Full({})['sapiPostCapitalWithdrawApply']).toBe('function');
    expect(() => endpoint(lean, 'sapiPostCapitalWithdrawApply')).toThrow('no endpoint');
  });

  it('fails at once where ccxt has renamed an endpoint', () => {
    const Renamed = withEndpoints(Full, { public: { get: ['noSuchPath'] } });
    expect(() => new Renamed({})).toThrow('ccxt has no public get noSuchPath');
  });

  it('signs with its own key after sharing its base’s description', () => {
    type Signing = CcxtExchange & {
      sign(path: string, api: string, method: string, params: object): { headers: object };
    };
    const open = (apiKey: string) => new Lean({ apiKey, secret: `secret of ${apiKey}` }) as Signing;
    const [base, tenant] = [open('base'), open('tenant')];
    shareWith(tenant, base);
    expect(tenant['api']).toBe(base['api']);
    expect(tenant.sign('order', 'private', 'GET', {}).headers).toEqual({ 'X-MBX-APIKEY': 'tenant' });
    expect(base.sign('order', 'private', 'GET', {}).headers).toEqual({ 'X-MBX-APIKEY': 'base' });
  });
});
