import { createRequire } from 'node:module';
import type * as Kafkajs from 'kafkajs';
import { FetchSession, type FetchRequest, type FetchResponse, type SessionFields } from './fetch-session.js';
import { encodeProduceRequest, isPrepared, type TopicData } from './prepared-produce.js';

/**
 * kafkajs 2.2.4 (its last release) with three parts of its inside replaced. They are applied once a process, when this module is
 * loaded; another version of kafkajs is refused, since what is inside may have moved.
 *
 * 1. `RequestQueue` re-arms a 1 ms timer for ever on each connection, though nothing waits: ten idle producers cost 4 % of a core.
 *    Here the timer is only set while something is pending.
 * 2. `Broker.produce` takes record batches that are encoded already (`prepared-produce.ts`), instead of encoding each record and each
 *    header in buffers of their own.
 * 3. `Broker.fetch` keeps a session with the broker (`fetch-session.ts`), instead of naming every partition in every request.
 */
const require = createRequire(import.meta.url);
const { version } = require('kafkajs/package.json') as { readonly version: string };
if (version !== '2.2.4') throw new Error(`The Kafka wire is made for kafkajs 2.2.4, and this is ${version}.`);

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

interface ProduceArguments {
  readonly acks?: number;
  readonly timeout?: number;
  readonly topicData: readonly TopicData[];
}

interface ProtocolRequest {
  readonly request: { readonly apiVersion: number; encode: () => Promise<unknown> };
  readonly response: unknown;
}

interface Broker {
  lookupRequest<Given>(apiKey: number, definition: unknown): (request: Given) => ProtocolRequest;
  produce: (this: Broker, request: ProduceArguments) => Promise<unknown>;
  fetch: (this: Broker, request: FetchRequest) => Promise<FetchResponse>;
}

interface Class<T> {
  readonly prototype: T;
}

const queue = (require('kafkajs/src/network/requestQueue') as Class<RequestQueue>).prototype;
const broker = (require('kafkajs/src/broker') as Class<Broker>).prototype;

/** What kafkajs waits before it looks at requests again that wait for others to be answered, ms. */
const PENDING_INTERVAL_MS = 10;

queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  const throttledFor = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledFor > 0 ? throttledFor : PENDING_INTERVAL_MS,
  );
};

const { produce } = broker;

broker.produce = function (this: Broker, request: ProduceArguments) {
  if (!isPrepared(request.topicData)) return produce.call(this, request);
  const { acks = -1, timeout = 30_000, topicData } = request;
  // The original method on a broker that differs in one thing: what the request becomes in bytes.
  const prepared = Object.create(this, {
    lookupRequest: {
      value: (apiKey: number, definition: unknown) => {
        const build = this.lookupRequest<ProduceArguments>(apiKey, definition);
        return (given: ProduceArguments): ProtocolRequest => {
          const made = build(given);
          made.request.encode = () => Promise.resolve(encodeProduceRequest(acks, timeout, topicData));
          return made;
        };
      },
    },
  }) as Broker;
  return produce.call(prepared, request);
};

const { fetch } = broker;
const { requests } = require('kafkajs/src/protocol/requests') as { readonly requests: { readonly Fetch: unknown } };
const FETCH_KEY = 1;
/** Fetch requests have room for a session from this version on. */
const FIRST_WITH_SESSIONS = 7;
const sessions = new WeakMap<Broker, FetchSession>();

broker.fetch = function (this: Broker, request: FetchRequest) {
  const session = sessions.get(this) ?? new FetchSession((asked, fields) => sendFetch(this, asked, fields));
  sessions.set(this, session);
  const { apiVersion } = this.lookupRequest(FETCH_KEY, requests.Fetch)({ ...request, topics: [] }).request;
  return apiVersion < FIRST_WITH_SESSIONS ? fetch.call(this, request) : session.fetch(request);
};

/** The original method, on a broker that adds the session to what it sends. */
const sendFetch = (through: Broker, request: FetchRequest, fields: SessionFields): Promise<FetchResponse> => {
  const inSession = Object.create(through, {
    lookupRequest: {
      value: (apiKey: number, definition: unknown) => {
        const build = through.lookupRequest<object>(apiKey, definition);
        return (given: object): ProtocolRequest => build({ ...given, ...fields });
      },
    },
  }) as Broker;
  return fetch.call(inSession, request);
};

/** kafkajs, cured. Import it from here and nowhere else. */
export const kafkajs = require('kafkajs') as typeof Kafkajs;
