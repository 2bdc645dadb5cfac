import type { OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const ROUTE = /^\/v1\/webhooks\/[a-z]+\/:token$/;
const PATH = /^([^?#]*\/webhooks\/[^/?#]*\/)[^/?#]+/i;
const HIDDEN = 'hidden';

/** What an alert's body is taken for, whatever its sender calls it: a text, which the door reads by itself. */
const ALERT_TYPE = 'application/vnd.switchyard.alert';

const tokens = new WeakMap<object, string>();

/** The token that stood in the path of a request to a webhook. */
export const webhookTokenOf = (request: { readonly raw: object }): string | undefined => tokens.get(request.raw);

/**
 * Takes a webhook's token out of the request before anything else sees it. The token is a credential in a path, and paths are written
 * into logs, traces and errors by whoever handles a request, now or in a later version; what they find is `/v1/webhooks/tradingview/hidden`.
 *
 * The body is left as it is: TradingView calls what looks like JSON `application/json` and everything else `text/plain`, and a body that is
 * not what its sender calls it is answered like any other bad alert.
 */
export class WebhookUrls implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly maxBytes: number,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('onRequest', (request, _reply, done) => {
      hideToken(request);
      done();
    });
    fastify.addContentTypeParser(
      ALERT_TYPE,
      { parseAs: 'string', bodyLimit: this.maxBytes },
      (_request, body, done) => {
        done(null, body);
      },
    );
  }
}

const hideToken = (request: FastifyRequest): void => {
  const { raw } = request;
  const url = raw.url ?? '';
  const isWebhook = ROUTE.test(request.routeOptions.url ?? '');
  if (!isWebhook && !PATH.test(url)) return;
  if (isWebhook) {
    const parameters = request.params as Record<string, string>;
    const token = parameters['token'];
    if (token !== undefined) tokens.set(raw, token);
    parameters['token'] = HIDDEN;
    if (Number(raw.headers['content-length'] ?? 0) > 0 || raw.headers['transfer-encoding'] !== undefined)
      raw.headers['content-type'] = ALERT_TYPE;
    // However the path was written, encoded or not.
    raw.url = request.routeOptions.url?.replace(':token', HIDDEN) ?? '/';
  } else raw.url = url.replace(PATH, `$1${HIDDEN}`);
};
