import { tradingSignalGenerated } from '@switchyard/contracts';
import { z } from 'zod';
import {
  answer,
  body,
  json,
  jsonSchema,
  list,
  pathParameter,
  problems,
  queryParameters,
  ref,
  type Json,
  type Operation,
  type Paths,
} from './building-blocks.js';
import { APPROVAL_ANSWERS, APPROVAL_PATHS, APPROVAL_REQUESTS } from './approvals.js';
import { KEY_ANSWERS, KEY_PATHS, KEY_REQUESTS } from './keys.js';
import * as requests from './requests.js';
import * as responses from './responses.js';
import { STATE_ANSWERS, STATE_PATHS, STATE_REQUESTS } from './trading-state.js';
import { USER_ANSWERS, USER_PATHS, USER_REQUESTS } from './users.js';

/** Schemas of answers and of the signal stand once under their names; requests' parameters are written out. */
const NAMED = {
  Problem: responses.problem,
  Signal: responses.signal,
  StrategySignal: responses.strategySignal,
  Accepted: responses.accepted,
  BatchAnswers: responses.batchAnswers,
  Orders: responses.listOf(responses.order),
  OrderStory: responses.orderStory,
  OrderRequested: responses.orderRequested,
  Executions: responses.listOf(responses.execution),
  Positions: responses.listOf(responses.position),
  Balances: responses.listOf(responses.balance),
  AuditLines: responses.listOf(responses.auditLine),
  FailedWork: responses.listOf(responses.failedItem),
  Acted: responses.acted,
  Venues: z.array(responses.venue),
  Microstructure: responses.microstructure,
  Latencies: responses.latencies,
  ExecutionHealth: responses.executionHealth,
  ExecutionStats: responses.executionStats,
  ExecutionMonitor: responses.executionMonitor,
  ...USER_ANSWERS,
  ...STATE_ANSWERS,
  ...KEY_ANSWERS,
  ...APPROVAL_ANSWERS,
} as const;

const TAKEN = {
  NewSignal: tradingSignalGenerated,
  FailedReason: requests.failedReason,
  FailedDiscard: requests.failedDiscard,
  ...USER_REQUESTS,
  ...STATE_REQUESTS,
  ...KEY_REQUESTS,
  ...APPROVAL_REQUESTS,
} as const;

/** A signal by REST: userId and generatedAt may be left out, and a null is an absent field. */
const newSignal = (): Json => {
  const { required, properties, ...rest } = jsonSchema(TAKEN.NewSignal, 'input') as {
    readonly required: readonly string[];
    readonly properties: Json;
  };
  const optional = Object.entries(properties).filter(([field]) => field !== 'defaulted');
  return {
    ...rest,
    properties: Object.fromEntries(
      optional.map(([field, schema]) => [
        field,
        required.includes(field) && field !== 'generatedAt' ? schema : { anyOf: [schema, { type: 'null' }] },
      ]),
    ),
    required: required.filter((field) => field !== 'generatedAt'),
    additionalProperties: true,
  };
};

const schemas = (): Json => ({
  ...Object.fromEntries(Object.entries(NAMED).map(([name, schema]) => [name, jsonSchema(schema, 'output')])),
  ...Object.fromEntries(Object.entries(TAKEN).map(([name, schema]) => [name, jsonSchema(schema, 'input')])),
  NewSignal: newSignal(),
});

const act = (operationId: string, summary: string, request = 'FailedReason'): Operation => ({
  operationId,
  summary,
  parameters: [pathParameter('id', 'As `GET /v1/failed` names it.')],
  requestBody: body(request),
  responses: { '200': answer('Done, or done before.', ref('Acted')), ...problems(400, 401, 403, 404, 409, 503) },
});

const PATHS: Paths = {
  '/v1/signals': {
    post: {
      operationId: 'sendSignal',
      summary: 'Send a signal. The same signal again gets the same answer; the same id with other content 409.',
      requestBody: { required: true, content: json(ref('NewSignal')) },
      responses: {
        '202': answer('Stored; what becomes of it is told by GET and the stream.', ref('Accepted')),
        ...problems(400, 401, 403, 409, 413, 429, 503),
      },
    },
  },
  '/v1/signals/batch': {
    post: {
      operationId: 'sendSignals',
      summary: 'Send up to 500 signals; each gets its own answer.',
      requestBody: {
        required: true,
        content: json({
          anyOf: [
            { type: 'array', items: ref('NewSignal'), minItems: 1, maxItems: 500 },
            {
              type: 'object',
              properties: { signals: { type: 'array', items: ref('NewSignal'), minItems: 1, maxItems: 500 } },
              required: ['signals'],
            },
          ],
        }),
      },
      responses: { '200': answer('One answer a signal.', ref('BatchAnswers')), ...problems(400, 401, 413, 503) },
    },
  },
  '/v1/webhooks/tradingview/{token}': {
    post: {
      operationId: 'sendTradingViewAlert',
      summary:
        'A TradingView alert, JSON or plain text, as a signal of the one user and strategy that the token is good for.',
      parameters: [pathParameter('token', 'Of kind `webhook`. Whoever has it can send signals.')],
      requestBody: {
        required: true,
        content: {
          'text/plain': { schema: { type: 'string' } },
          ...json({ type: 'object', additionalProperties: true }),
        },
      },
      responses: {
        '202': answer('Stored. The same alert again is the same signal.', ref('Accepted')),
        ...problems(400, 401, 409, 413, 429, 503),
      },
      security: [],
    },
  },
  '/v1/signals/{id}': {
    get: {
      operationId: 'findSignal',
      summary:
        'What was sent, and what became of it; found from the moment of the 202. Operators get a strategy’s own signal, too.',
      parameters: [pathParameter('id', 'The signalId.'), ...queryParameters(requests.userQuery)],
      responses: {
        '200': answer('The signal.', { anyOf: [ref('Signal'), ref('StrategySignal')] }),
        ...problems(401, 403, 404, 503),
      },
    },
  },
  '/v1/strategies/{strategyId}/signals': {
    post: {
      operationId: 'sendStrategySignal',
      summary:
        'Send a strategy’s own signal: each account that follows gets a copy. For admins, and tokens that publish this strategy.',
      parameters: [pathParameter('strategyId', 'The strategy.')],
      requestBody: { required: true, content: json(ref('NewSignal')) },
      responses: {
        '202': answer('Stored; it becomes one signal of each account that follows.', ref('Accepted')),
        ...problems(400, 401, 403, 409, 413, 429, 503),
      },
    },
  },
  '/v1/strategies/{strategyId}/signals/{id}': {
    get: {
      operationId: 'findStrategySignal',
      summary: 'A strategy’s own signal, who got a copy, who did not and why. For operators.',
      parameters: [pathParameter('strategyId', 'The strategy.'), pathParameter('id', 'The signalId.')],
      responses: { '200': answer('The signal.', ref('StrategySignal')), ...problems(401, 403, 404, 503) },
    },
  },
  '/v1/orders': { get: list('listOrders', 'Orders, parents and those at venues.', requests.ordersQuery, 'Orders') },
  '/v1/orders/{id}': {
    get: {
      operationId: 'findOrder',
      summary: 'An order and its whole story.',
      parameters: [pathParameter('id', 'The orderId.')],
      responses: { '200': answer('The order.', ref('OrderStory')), ...problems(401, 404, 503) },
    },
    delete: {
      operationId: 'cancelOrder',
      summary:
        'Cancel a parent order with all that lives of it, or one order at a venue. What was filled by then stays; how it ended is told by GET and the stream.',
      parameters: [pathParameter('id', 'The orderId.'), ...queryParameters(requests.cancelQuery)],
      responses: {
        '202': answer('Stored. The same order asked again is the same request.', ref('OrderRequested')),
        ...problems(400, 401, 404, 409, 503),
      },
    },
  },
  '/v1/executions': { get: list('listExecutions', 'Fills.', requests.executionsQuery, 'Executions') },
  '/v1/positions': { get: list('listPositions', 'Positions.', requests.positionsQuery, 'Positions') },
  '/v1/balances': {
    get: list('listBalances', 'Balances as the venues last gave them.', requests.balancesQuery, 'Balances'),
  },
  '/v1/audit': { get: list('listAudit', 'The audit trail.', requests.auditQuery, 'AuditLines') },
  '/v1/failed': {
    get: list(
      'listFailed',
      'Work that failed and waits for a person: parked keys, dead letters, orders given up.',
      requests.failedQuery,
      'FailedWork',
    ),
  },
  '/v1/failed/{id}/retry': { post: act('retryFailed', 'Put a dead letter that was unreadable back to its topic.') },
  '/v1/failed/{id}/release': {
    post: act('releaseFailed', 'Have the events of a parked key handled in their order.'),
  },
  '/v1/failed/{id}/discard': {
    post: act(
      'discardFailed',
      'Drop what a parked key can’t go on with, or say that the rest was seen to.',
      'FailedDiscard',
    ),
  },
  ...STATE_PATHS,
  '/v1/stream': {
    get: {
      operationId: 'stream',
      summary: 'Server-sent events of what the caller may see.',
      parameters: [
        ...queryParameters(requests.streamQuery),
        {
          name: 'Last-Event-ID',
          in: 'header',
          description: 'The id of the last event that was seen: goes on after it.',
          schema: { type: 'string' },
        },
      ],
      responses: {
        '200': { description: 'An open stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        ...problems(400, 401, 403, 503),
      },
    },
  },
  '/v1/microstructure/{venue}/{pair}': {
    get: {
      operationId: 'findMicrostructure',
      summary:
        'How the newest book of a pair stands at a venue: spread, depth, imbalance, what sizes would cost; and what traded lately.',
      parameters: [
        pathParameter('venue', 'Such as `binance`.'),
        pathParameter('pair', 'Canonical, such as `BTC-USD`.'),
      ],
      responses: { '200': answer('The figures.', ref('Microstructure')), ...problems(401, 404, 503) },
    },
  },
  '/v1/latency': {
    get: {
      operationId: 'listLatencies',
      summary: 'How long each stage of each service took, by the minute, of all processes together. For operators.',
      parameters: queryParameters(requests.latencyQuery),
      responses: { '200': answer('The stages.', ref('Latencies')), ...problems(400, 401, 403, 503) },
    },
  },
  '/execution/venues': {
    get: {
      operationId: 'listVenues',
      summary: 'Venues, their health, figures, fees and pairs. What is not known is null.',
      responses: { '200': answer('The venues.', ref('Venues')), ...problems(401, 503) },
    },
  },
  '/execution/stats': {
    get: {
      operationId: 'executionStats',
      summary: 'Orders and executions of the last minute.',
      responses: { '200': answer('Figures.', ref('ExecutionStats')), ...problems(401, 503) },
    },
  },
  '/execution/monitor': {
    get: {
      operationId: 'executionMonitor',
      summary:
        'Whether too much is refused, too slow or too dear, by the last minutes: the alerts that stand, and every rule.',
      responses: { '200': answer('As it was seen last.', ref('ExecutionMonitor')), ...problems(401, 503) },
    },
  },
  '/': {
    get: {
      operationId: 'root',
      summary: 'What this is, and where to go on.',
      security: [],
      responses: { '200': answer('Name, version and links.', { type: 'object' }) },
    },
  },
  '/execution/health': {
    get: {
      operationId: 'executionHealth',
      summary: 'Whether the venues can be traded at.',
      security: [],
      responses: { '200': answer('Health.', ref('ExecutionHealth')) },
    },
  },
};

/** The OpenAPI 3.1 document of what the gateway serves and passes on, made from the schemas that check its requests. */
export const openApiDocument = (): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'Switchyard',
    version: '1',
    description:
      'Money, prices and quantities are decimal strings; times are RFC 3339 in UTC. Errors are application/problem+json. `/v1/users` is passed on to the accounts service, which checks it.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  security: [{ bearer: [] }],
  paths: { ...PATHS, ...USER_PATHS, ...KEY_PATHS, ...APPROVAL_PATHS },
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    schemas: schemas(),
  },
});
