import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { routesIn } from '../../../../tools/docs/rest.mjs';
import * as taken from '../../../accounts/src/rest/schemas.js';
import * as subscriptions from '../../../accounts/src/subscriptions/subscription-schemas.js';
import { jsonSchema } from './building-blocks.js';
import { openApiDocument } from './document.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly responses: Readonly<Record<string, { readonly description?: unknown }>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}
interface Validator {
  addSchema(schema: object): unknown;
  compile(schema: object): unknown;
  validate(schema: object, value: unknown): boolean;
}
const document = openApiDocument() as unknown as OpenApi;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

const references = (value: unknown): readonly string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, part]) => (key === '$ref' ? [part as string] : references(part)));

// Ajv of JSON Schema 2020-12, which is what OpenAPI 3.1 schemas are; Fastify brings it along.
const require = createRequire(createRequire(import.meta.url).resolve('@fastify/ajv-compiler'));
const Ajv2020 = (require('ajv/dist/2020') as { default: new (options: object) => Validator }).default;
const ajv = () => {
  const instance = new Ajv2020({ strict: false, validateFormats: false });
  instance.addSchema({ $id: 'openapi', components: document.components });
  return instance;
};
const accepts = (name: string, value: unknown): boolean =>
  ajv().validate({ $ref: `openapi#/components/schemas/${name}` }, value);

describe('the OpenAPI document', () => {
  it('is a version 3.1 document with what that asks for', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Switchyard', version: '1' } });
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const { path, operation } of operations) {
      expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
      for (const response of Object.values(operation.responses)) expect(typeof response.description).toBe('string');
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(declared.map((parameter) => parameter.name)).toEqual(inPath);
      expect(declared.every((parameter) => parameter.required === true)).toBe(true);
    }
  });

  it('refers only to what it holds, in schemas that compile', () => {
    const names = Object.keys(document.components.schemas);
    const known = new Set(names.map((name) => `#/components/schemas/${name}`));
    expect(references(document).filter((ref) => !known.has(ref))).toEqual([]);
    const compiler = ajv();
    for (const name of names)
      expect(() => compiler.compile({ $ref: `openapi#/components/schemas/${name}` })).not.toThrow();
  });

  it('describes signals as the door takes them', () => {
    const signal = { signalId: 's-1', pair: 'BTC-USD', side: 'buy', signalType: 'entry', entryPrice: null, other: 1 };
    expect(accepts('NewSignal', signal)).toBe(true);
    expect(accepts('NewSignal', { ...signal, entryPrice: 64_000 })).toBe(false);
    expect(accepts('NewSignal', { ...signal, side: 'hold' })).toBe(false);
    expect(accepts('NewSignal', { ...signal, pair: undefined })).toBe(false);
  });

  it('names every filter of a list', () => {
    const list = operations.find(({ path, method }) => path === '/v1/orders' && method === 'get')!;
    expect(list.operation.parameters?.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'status',
        'venue',
        'pair',
        'clientOrderId',
        'venueOrderId',
        'from',
        'to',
        'userId',
        'limit',
        'cursor',
      ]),
    );
  });

  it('holds every route of users that accounts serves, and no other', () => {
    const served = routesIn('services/accounts/src/rest').filter(({ path }) => path.startsWith('/v1/'));
    const described = operations.filter(({ path }) => /^\/v1\/(users|keys|approvals|trading-state)/.test(path));
    expect(described.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
      served.map(({ path, method }) => `${method} ${path}`).sort(),
    );
  });

  it.each([
    ['NewUser', taken.newUser],
    ['UserChange', taken.userChange],
    ['LimitsChange', taken.limitsChange],
    ['NewToken', taken.newToken],
    ['NewAccount', taken.newAccount],
    ['Rotation', taken.rotation],
    ['NewSubscription', subscriptions.newSubscription],
    ['SubscriptionChange', subscriptions.subscriptionChange],
    ['Rewrapping', taken.rewrapping],
    ['DataKeyRotation', taken.dataKeyRotation],
    ['Verdict', taken.approvalVerdict],
  ])('describes %s as accounts takes it', (name, schema) => {
    expect(document.components.schemas[name]).toEqual(jsonSchema(schema, 'input'));
  });
});
