import { ROLES, TRADINGVIEW } from '@switchyard/auth';
import { limits, schemaParts, scope } from '@switchyard/contracts';
import { isNetwork } from '@switchyard/http';
import { MARKETS, MODES, VENUES } from '@switchyard/model';
import { z } from 'zod';
import { APPROVAL_STATUSES } from '../store/approvals.js';

/** What may be sent. Unknown fields are refused: a misspelt limit must not be taken for an absent one. */

const { identifier, pair, currency, nonNegativeDecimal, instant } = schemaParts;

/** Ids that we take part in paths, so the stricter half of `identifier`. */
const pathIdentifier = identifier.regex(/^[^/]*$/, { error: 'must not hold a /' });
const sentence = z.string().trim().min(1).max(200);

export const newUser = z.strictObject({
  userId: pathIdentifier,
  enabled: z.boolean().default(true),
  mode: z.enum(MODES).default('paper'),
});

export const userChange = z
  .strictObject({
    enabled: z.boolean().optional(),
    mode: z.enum(MODES).optional(),
    pairs: z.array(pair).min(1).max(1_000).nullable().optional(),
    reason: sentence.optional(),
  })
  .refine(({ enabled, mode, pairs }) => enabled !== undefined || mode !== undefined || pairs !== undefined, {
    error: 'must hold enabled, mode or pairs',
  });

export const limitsChange = limits;

const address = z.string().refine((text) => text === TRADINGVIEW || isNetwork(text), {
  error: 'must be an address, a network such as "10.0.0.0/8", or "tradingview"',
});

/** `api`: a bearer token with a role, by default that of a trader. `webhook`: good for signals of one strategy, sent to a webhook's path. */
export const newToken = z
  .strictObject({
    kind: z.enum(['api', 'webhook']).default('api'),
    role: z.enum(ROLES).optional(),
    strategy: identifier.optional(),
    addresses: z.array(address).min(1).max(32).optional(),
    publishes: identifier.optional(),
    name: sentence.default('token'),
    expiresAt: instant.optional(),
  })
  .superRefine(({ kind, role, strategy, addresses, publishes }, context) => {
    const wrong = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message });
    };
    if (kind === 'api') {
      for (const [name, value] of Object.entries({ strategy, addresses }))
        if (value !== undefined) wrong(name, 'must be given for a webhook only');
    } else {
      if (strategy === undefined) wrong('strategy', 'is missing');
      if (role !== undefined) wrong('role', 'must not be given: a webhook has none');
      if (publishes !== undefined) wrong('publishes', 'must not be given for a webhook');
    }
  });

const key = z.string().trim().min(1).max(8_192);
const credentials = { apiKey: key, secret: key, passphrase: key.optional() };

export const rotation = z.strictObject(credentials);

const atOnce = z.number().int().min(1).max(500).default(100);

/** The next data keys to be sealed under the current key-encryption key: of users after this one. */
export const rewrapping = z.strictObject({ after: z.string().max(256).default(''), limit: atOnce });

/** Whose data keys to replace: one user's, or those made before an instant (default now), the oldest first. */
export const dataKeyRotation = z
  .strictObject({ userId: pathIdentifier.optional(), madeBefore: instant.optional(), limit: atOnce })
  .refine(({ userId, madeBefore }) => userId === undefined || madeBefore === undefined, {
    error: 'must hold userId or madeBefore, not both',
  });

const timeZone = z
  .string()
  .refine((zone) => isTimeZone(zone), { error: 'must be an IANA time zone, such as "Europe/Berlin"' });

export const newAccount = z
  .strictObject({
    accountId: pathIdentifier.optional(),
    venue: z.enum(VENUES),
    apiKey: key.optional(),
    secret: key.optional(),
    passphrase: key.optional(),
    mode: z.enum(MODES),
    market: z.enum(MARKETS).default('spot'),
    testnet: z.boolean().optional(),
    marginMode: z.enum(['cross', 'isolated']).optional(),
    leverage: z.number().positive().max(200).optional(),
    timeZone: timeZone.default('UTC'),
    usdtAsUsd: z.boolean().default(false),
    startingBalances: z.record(currency, nonNegativeDecimal).optional(),
  })
  .superRefine(({ mode, apiKey, secret, passphrase, startingBalances }, context) => {
    const wrong = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message });
    };
    const keys = { apiKey, secret, passphrase };
    if (mode === 'simulated') {
      for (const [name, value] of Object.entries(keys))
        if (value !== undefined) wrong(name, 'must not be given: a simulated account makes no calls');
    } else {
      if (apiKey === undefined) wrong('apiKey', 'is missing');
      if (secret === undefined) wrong('secret', 'is missing');
      if (startingBalances !== undefined) wrong('startingBalances', 'must be given for a simulated account only');
    }
  });

export type NewAccountInput = z.infer<typeof newAccount>;

export const page = z.object({
  cursor: z.string().max(256).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  userId: identifier.optional(),
});

export const approvalPage = z.object({
  status: z.enum(APPROVAL_STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const approvalVerdict = z.strictObject({ reason: z.string().trim().min(1).max(500).optional() });

export const flattenRequest = z.object({
  scope,
  version: z.number().int().positive(),
  reason: z.string().max(500).default(''),
});

export const introspection = z.object({ token: z.string().max(4_096) });

const isTimeZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
