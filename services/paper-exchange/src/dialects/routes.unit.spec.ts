import { describe, expect, it } from '@jest/globals';
import { readParameters } from './parameters.js';
import { routesOf } from './routes.js';

describe('a route', () => {
  const find = routesOf({
    'GET /orders/:id': 'one',
    'GET /orders/open': 'open',
    'POST /orders/:id/fills/:fill': 'fill',
  });

  it.each([
    ['GET', '/orders/open', { route: 'open', path: {} }],
    ['GET', '/orders/a%2Fb', { route: 'one', path: { id: 'a/b' } }],
    ['POST', '/orders/7/fills/x', { route: 'fill', path: { id: '7', fill: 'x' } }],
    ['DELETE', '/orders/7', undefined],
    ['GET', '/orders', undefined],
  ])('%s %s', (method, path, found) => {
    expect(find(method, path)).toEqual(found);
  });
});

describe('a request’s parameters', () => {
  it.each([
    ['a=1&b=x%20y', '', { a: '1', b: 'x y' }],
    ['a=1', 'a=2&b=3', { a: '1', b: '3' }],
    ['', '{"a":"1","b":0.5,"c":true,"d":null,"e":["x"]}', { a: '1', b: '0.5', c: 'true', e: '["x"]' }],
    ['', '{"a":', {}],
  ])('%j and %j', (query, body, values) => {
    expect(Object.fromEntries(readParameters(query, body))).toEqual(values);
  });
});
