import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { Account } from '../../core/account.js';
import type { Exchange } from '../../core/exchange.js';
import type { VenueRequest } from '../dialect.js';
import { errors } from './errors.js';

/** A token may live so long at most, seconds. */
const LIFE_S = 120;

interface Token {
  /** What was signed. */
  readonly content: string;
  readonly signature: Buffer;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The bearer token of a request, unverified; `undefined` where there is none, or none that can be read. */
const tokenOf = ({ headers }: VenueRequest): Token | undefined => {
  const { authorization } = headers;
  const parts = typeof authorization === 'string' ? /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization) : null;
  if (parts === null) return undefined;
  const [, header = '', claims = '', signature = ''] = parts;
  const read = [header, claims].map(objectIn);
  if (read[0] === undefined || read[1] === undefined) return undefined;
  return {
    content: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
    header: read[0],
    claims: read[1],
  };
};

const objectIn = (encoded: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};

/** Whom a request says to be from. */
export const keyNameOf = (request: VenueRequest): string | undefined => {
  const sub = tokenOf(request)?.claims['sub'];
  return typeof sub === 'string' ? sub : undefined;
};

/**
 * Whose this request is: a JWT (ES256) for this very method, host and path, within its two minutes at most, signed by the account's key
 * (https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication). All that is wrong with it is told in one word.
 */
export const authenticate = (exchange: Exchange, request: VenueRequest): Account => {
  const token = tokenOf(request);
  const account = exchange.state.account(keyNameOf(request) ?? '');
  const key = account === undefined ? undefined : publicKeyOf(account);
  if (token === undefined || account === undefined || key === undefined) throw errors.unauthorized();
  const { header, claims, content, signature } = token;
  const isGood =
    header['alg'] === 'ES256' &&
    header['kid'] === account.accountKey &&
    (claims['iss'] === 'cdp' || claims['iss'] === 'coinbase-cloud') &&
    isFor(request, claims['uri']) &&
    isInTime(exchange.now() / 1_000, claims) &&
    signature.length === 64 &&
    verify('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (!isGood) throw errors.unauthorized();
  return account;
};

/** `POST api.coinbase.com/api/v3/brokerage/orders`. ccxt leaves the scheme where it is not https. */
const isFor = ({ method, headers: { host }, path }: VenueRequest, uri: unknown): boolean =>
  typeof uri === 'string' && uri.replace(/^(\w+) http:\/\//, '$1 ') === `${method} ${String(host)}${path}`;

const isInTime = (nowS: number, { nbf, exp }: Token['claims']): boolean =>
  typeof nbf === 'number' && typeof exp === 'number' && nbf <= nowS && nowS < exp && exp - nbf <= LIFE_S;

const keys = new WeakMap<Account, KeyObject>();

/**
 * What the account's tokens are checked with. Its secret may be the private key, as its owner has it, or the public key, which is all that
 * a venue needs to know; `undefined` where it is neither, and nobody gets in.
 */
const publicKeyOf = (account: Account): KeyObject | undefined => {
  let key = keys.get(account);
  if (key === undefined) {
    key = ecKeyIn(account.secret);
    if (key !== undefined) keys.set(account, key);
  }
  return key;
};

const ecKeyIn = (secret: string): KeyObject | undefined => {
  try {
    const key = createPublicKey(secret.replaceAll('\\n', '\n'));
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
};

/** Why a secret cannot be an account's here, for whoever opens one. */
export const secretError = (secret: string): string | undefined =>
  ecKeyIn(secret) === undefined
    ? 'must be an EC key on P-256 as PEM, private as Coinbase issues it, or its public half'
    : undefined;
