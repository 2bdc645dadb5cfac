import type { AuditRecord } from '../journal/audit-record.js';

/** Where a client's bytes go: a response that is open. */
export interface StreamSink {
  write(text: string): void;
  /** Bytes that were written and not taken yet. */
  readonly waiting: number;
  /** Resolves when what waits has been taken, or the sink is closed. */
  drained(): Promise<void>;
  readonly closed: boolean;
  close(): void;
}

export interface StreamFilter {
  /** Whose events; undefined: everybody's. */
  readonly userId: string | undefined;
  readonly topic: string | undefined;
}

/** More than this not taken: the reader is too slow for what happens. It is closed, and goes on later where it broke off. */
const MAX_WAITING_BYTES = 1_048_576;

/** One open stream of server-sent events. */
export class StreamClient {
  /** Until it has caught up, the shared reader passes it over. */
  live = false;

  constructor(
    readonly filter: StreamFilter,
    readonly sink: StreamSink,
  ) {}

  wants({ userId, topic }: Pick<AuditRecord, 'userId' | 'topic'>): boolean {
    return (
      (this.filter.userId === undefined || this.filter.userId === userId) &&
      (this.filter.topic === undefined || this.filter.topic === topic)
    );
  }

  send(text: string): void {
    if (!this.sink.closed) this.sink.write(text);
  }

  get tooSlow(): boolean {
    return this.sink.waiting > MAX_WAITING_BYTES;
  }
}

/** An event as SSE: its place, its topic, and one JSON object that holds the payload as it was stored. */
export const sseOf = (record: AuditRecord, id: string): string => {
  const head = JSON.stringify({
    topic: record.topic,
    type: record.type,
    time: record.time,
    userId: record.userId,
    signalId: record.signalId,
    eventId: record.eventId,
    chain: record.chain,
    row: record.row,
  });
  const payload = payloadText(record);
  const data = `${head.slice(0, -1)},${payload}}`;
  // Line ends inside JSON are white space; a data line must not hold one.
  return `id: ${id}\nevent: ${record.type.replaceAll(/[\r\n]/g, ' ')}\ndata: ${data.replaceAll(/[\r\n]+/g, ' ')}\n\n`;
};

const payloadText = ({ contentType, source, value }: AuditRecord): string => {
  const text = value.toString('utf8');
  // What our stages wrote is JSON; a stranger's bytes are looked at before they are put into somebody's stream.
  if (contentType === undefined && (source !== undefined || isJson(text))) return `"payload":${text}`;
  return `"base64":"${value.toString('base64')}"`;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
