import {
  Controller,
  Get,
  Headers,
  Inject,
  Query,
  Req,
  Res,
  UseGuards,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, bearerOf, Caller, INTROSPECTOR, Problem, validated, type Introspector } from '@switchyard/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { readableUser } from '../journal/readable-user.js';
import { streamQuery, type StreamQuery } from '../openapi/requests.js';
import { EventStream } from './event-stream.js';
import { StreamClient, type StreamSink } from './stream-client.js';
import { readPosition } from './stream-position.js';

/** Keeps proxies from giving up, and notices a token that was revoked meanwhile. */
const HEARTBEAT_MS = 15_000;

@UseGuards(BearerGuard)
@Controller('v1/stream')
export class StreamController implements BeforeApplicationShutdown {
  constructor(
    @Inject(EventStream) private readonly stream: EventStream,
    @Inject(INTROSPECTOR) private readonly introspector: Introspector,
  ) {}

  beforeApplicationShutdown(): void {
    this.stream.close();
  }

  @Get()
  async open(
    @Caller() caller: Principal,
    @Query(validated(streamQuery)) query: StreamQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Headers('last-event-id') lastEventId?: string,
  ): Promise<void> {
    const resumes = lastEventId !== undefined && lastEventId !== '';
    // Known before the answer begins: what happens after the client sees its stream open is in it.
    const from = resumes ? readPosition(lastEventId) : await this.stream.now();
    if (from === undefined)
      throw new Problem('MALFORMED', 'Last-Event-ID is not an id that this stream gave out.', {
        errors: [{ path: 'last-event-id', problem: 'must be the id of an event of this stream' }],
      });
    const userId = readableUser(caller, 'trading.read', query.userId);
    const client = new StreamClient({ userId, topic: query.topic }, new ResponseSink(reply.raw));
    this.stream.admit(client);
    reply.raw.once('close', () => {
      this.stream.detach(client);
    });
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    client.send('retry: 2000\n\n');
    this.heartbeat(client, bearerOf(request.headers.authorization));
    await this.stream.follow(client, from);
  }

  private heartbeat(client: StreamClient, token: string | undefined): void {
    const timer = setInterval(() => {
      if (client.sink.closed) {
        clearInterval(timer);
        return;
      }
      client.send(': still here\n\n');
      const known = token === undefined ? Promise.resolve(undefined) : this.introspector.introspect(token);
      known.then(
        (caller) => {
          if (caller === undefined) client.sink.close();
        },
        // Accounts is away: whoever was let in stays until it can be asked.
        () => undefined,
      );
    }, HEARTBEAT_MS).unref();
  }
}

class ResponseSink implements StreamSink {
  constructor(private readonly response: ServerResponse) {}

  write(text: string): void {
    this.response.write(text);
  }

  get waiting(): number {
    return this.response.writableLength;
  }

  get closed(): boolean {
    return this.response.writableEnded || this.response.destroyed;
  }

  drained(): Promise<void> {
    if (!this.response.writableNeedDrain || this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.response.off('drain', done);
        this.response.off('close', done);
        resolve();
      };
      this.response.on('drain', done);
      this.response.on('close', done);
    });
  }

  close(): void {
    this.response.end();
  }
}
