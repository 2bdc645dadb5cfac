import { until } from '@switchyard/testing';
import type { RestClient } from './rest-client.js';

export interface StreamEvent {
  readonly id: string;
  readonly event: string;

  readonly data: any;
}

/** Reads `GET /v1/stream` as a browser does, and keeps what came. */
export class EventReader {
  readonly events: StreamEvent[] = [];
  private readonly abort = new AbortController();

  private constructor(private readonly response: Response) {}

  /** @param lastEventId go on behind this event */
  static async open(rest: RestClient, path = '/v1/stream', lastEventId?: string): Promise<EventReader> {
    const abort = new AbortController();
    const response = await rest.stream(
      path,
      abort.signal,
      lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    );
    if (!response.ok) throw new Error(`the stream was not opened: ${response.status} ${await response.text()}`);
    const reader = new EventReader(response);
    reader.abort.signal.addEventListener('abort', () => {
      abort.abort();
    });
    void reader.read().catch(() => undefined); // aborted, or the server ended: what came is there
    return reader;
  }

  /** The events so far, once there is one of this type about this signal. */
  async upTo(event: string, signalId: string): Promise<readonly StreamEvent[]> {
    await until(() => this.events.some((one) => one.event === event && one.data.signalId === signalId));
    return [...this.events];
  }

  close(): void {
    this.abort.abort();
  }

  private async read(): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of this.response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line) => [line.split(': ', 1)[0], line.replace(/^[^:]*: ?/, '')]),
        );
        const data = fields.get('data');
        if (data !== undefined)
          this.events.push({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) });
      }
    }
  }
}
