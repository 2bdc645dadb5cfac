/**
 * Incremental fetches (KIP-227): the broker remembers what a consumer reads, a fetch names only what changed since the one before it, and
 * the answer only what has news. kafkajs names every partition in every fetch, each with its topic's name, and gets as many answers back,
 * nearly all of them empty: a service of eight topics of 24 partitions asks for 192 to read two records.
 */
export interface FetchRequest {
  readonly topics: readonly FetchTopic[];
  readonly [other: string]: unknown;
}

export interface FetchTopic {
  readonly topic: string;
  readonly partitions: readonly FetchPartition[];
}

interface FetchPartition {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly maxBytes: number;
}

export interface SessionFields {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly forgottenTopics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

export interface FetchResponse {
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly unknown[];
}

export type SendFetch = (request: FetchRequest, fields: SessionFields) => Promise<FetchResponse>;

/** FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH: the broker forgot, or restarted. */
const FORGOTTEN = new Set([70, 71]);
const NO_SESSION = 0;
/** In place of an epoch: a full fetch, which ends the session it names and begins another. */
const BEGIN = 0;
/** In place of an epoch: no session at all. */
const NONE = -1;

/**
 * The session of one consumer with one broker. Whatever goes wrong, the next fetch names everything again; so an offset that went
 * back, a leader that moved and a broker that forgot need nothing of their own.
 */
export class FetchSession {
  private id = NO_SESSION;
  private epoch = BEGIN;
  /** What the broker knows, by topic and partition. */
  private known: ReadonlyMap<string, Named> = new Map();
  private isOut = false;

  constructor(private readonly send: SendFetch) {}

  async fetch(request: FetchRequest): Promise<FetchResponse> {
    // Two at a time would use one epoch twice.
    if (this.isOut) return this.send(request, { sessionId: NO_SESSION, sessionEpoch: NONE, forgottenTopics: [] });
    this.isOut = true;
    try {
      const response = await this.inSession(request);
      if (!FORGOTTEN.has(response.errorCode)) return response;
      this.begin();
      return await this.inSession(request);
    } catch (error) {
      this.begin();
      throw error;
    } finally {
      this.isOut = false;
    }
  }

  private async inSession(request: FetchRequest): Promise<FetchResponse> {
    const wanted = namedIn(request.topics);
    const isFull = this.epoch === BEGIN;
    const changed = isFull ? request.topics : byTopic([...wanted.values()].filter((one) => !isSame(one, this.known)));
    const gone = isFull ? [] : [...this.known].filter(([place]) => !wanted.has(place)).map(([, one]) => one);
    const response = await this.send(
      { ...request, topics: changed },
      {
        sessionId: this.id,
        sessionEpoch: this.epoch,
        forgottenTopics: byTopic(gone).map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition }) => partition),
        })),
      },
    );
    if (response.errorCode !== 0) {
      if (!FORGOTTEN.has(response.errorCode)) this.begin();
      return response;
    }
    this.id = response.sessionId;
    this.known = wanted;
    // A broker without room for a session answers with none, and is asked again.
    this.epoch = this.id === NO_SESSION ? BEGIN : (this.epoch % LAST_EPOCH) + 1;
    return response;
  }

  private begin(): void {
    this.epoch = BEGIN;
    this.known = new Map();
  }
}

const LAST_EPOCH = 2 ** 31 - 1;

interface Named extends FetchPartition {
  readonly topic: string;
}

const placeOf = (topic: string, partition: number): string => `${topic}\n${partition}`;

const namedIn = (topics: readonly FetchTopic[]): ReadonlyMap<string, Named> => {
  const named = new Map<string, Named>();
  for (const { topic, partitions } of topics)
    for (const one of partitions) named.set(placeOf(topic, one.partition), { topic, ...one });
  return named;
};

const isSame = (one: Named, known: ReadonlyMap<string, Named>): boolean => {
  const before = known.get(placeOf(one.topic, one.partition));
  return before?.fetchOffset === one.fetchOffset && before.maxBytes === one.maxBytes;
};

const byTopic = (named: readonly Named[]): readonly FetchTopic[] =>
  [...Map.groupBy(named, ({ topic }) => topic)].map(([topic, partitions]) => ({ topic, partitions }));
