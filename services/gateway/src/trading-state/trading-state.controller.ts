import { Controller, Get, Inject, Param, Put, Req, Res } from '@nestjs/common';
import { scope as scopeParameter } from '@switchyard/contracts';
import { Problem, validated } from '@switchyard/http';
import { refuse } from '@switchyard/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountsProxy, type PassedAnswer } from '../accounts/accounts-proxy.js';
import { FlattenRuns } from './flatten-runs.js';

/** What accounts answers of one scope. */
interface KnownState {
  readonly scope: string;
  readonly state: string;
  readonly version: number;
  readonly reason?: string;
  readonly changedBy?: string;
  readonly verified: boolean;
}

interface Waiting {
  readonly approvalId: string;
  readonly expiresAt: string;
}

interface Need {
  readonly needed: boolean;
  readonly approval?: Waiting;
}

/** How long the answer to a PUT waits for positions to be closed. */
const WAIT_MS = 10_000;

/**
 * Trading states belong to accounts, which checks the token and the scope itself. What the gateway adds is the closing of positions: it has the
 * books and the door.
 */
@Controller('v1/trading-state')
export class TradingStateController {
  constructor(
    @Inject(AccountsProxy) private readonly proxy: AccountsProxy,
    @Inject(FlattenRuns) private readonly flattening: FlattenRuns,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const [, query = ''] = request.url.split(/\?(.*)/s);
    await send(reply, await this.#pass(request, `?${query}`));
  }

  @Get(':scope')
  async read(
    @Param('scope', validated(scopeParameter)) scope: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.#pass(request, `/${encodeURIComponent(scope)}`);
    const known = stateOf(answer);
    const flatten = known && (await this.flattening.find(known.scope));
    await (known === undefined || flatten === undefined
      ? send(reply, answer)
      : reply.status(answer.status).send({ ...known, flatten }));
  }

  /**
   * `flatten`: first the state is set and what is open cancelled, as far as executors verify it in time; then every position in the scope is
   * closed. An exit waits for what of its entry may still come, so that what is not verified yet keeps nothing else from being closed.
   */
  @Put(':scope')
  async change(
    @Param('scope', validated(scopeParameter)) scope: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { wish, flatten } = wishOf(request.body);
    const answer = await this.#pass(request, `/${encodeURIComponent(scope)}`, wish);
    const known = stateOf(answer);
    if (known === undefined) return send(reply, answer);
    if (known.state === 'active') await this.flattening.resumed(known.scope, known.version);
    if (!flatten) return send(reply, answer);
    const { version, reason = '', changedBy: requestedBy = '' } = known;
    const approval = await this.#approvalFor(request, { scope, version, reason });
    if (approval !== undefined) {
      const { approvalId, expiresAt } = approval;
      const { message: detail } = refuse('APPROVAL_REQUIRED');
      await reply.status(202).send({ ...known, code: 'APPROVAL_REQUIRED', detail, approvalId, expiresAt });
      return;
    }
    await this.flattening.begin({ scope, version, requestedBy, reason });
    const view = await this.flattening.wait(scope, version, WAIT_MS);
    const isFlat = view?.outcome === 'flat';
    await reply
      .status(known.verified && isFlat ? 200 : 202)
      .send({ ...known, ...(view === undefined ? {} : { flatten: view }) });
  }

  /** Positions that need a second person to close them wait; what was halted is halted all the same. */
  async #approvalFor(request: FastifyRequest, wish: object): Promise<Waiting | undefined> {
    const answer = await this.proxy.pass({
      method: 'POST',
      path: '/internal/approvals/flatten',
      headers: request.headers,
      body: JSON.stringify(wish),
      requestId: request.id,
    });
    // Where nobody can tell whether a second person is needed, nothing is closed.
    if (answer.status !== 200)
      throw new Problem(
        'UNAVAILABLE',
        'The state is set; whether its positions may be closed could not be asked. Try again.',
        {
          headers: { 'retry-after': '1' },
        },
      );
    const { needed, approval } = JSON.parse(answer.body.toString('utf8')) as Need;
    return needed ? approval : undefined;
  }

  #pass(request: FastifyRequest, rest: string, wish?: unknown): Promise<PassedAnswer> {
    return this.proxy.pass({
      method: request.method,
      path: `/v1/trading-state${rest}`,
      headers: request.headers,
      body: wish === undefined ? undefined : JSON.stringify(wish),
      requestId: request.id,
    });
  }
}

/** Everything but `flatten` is for accounts to judge. To close positions is to cancel what could open them again. */
const wishOf = (body: unknown): { readonly wish: unknown; readonly flatten: boolean } => {
  if (typeof body !== 'object' || body === null || !('flatten' in body)) return { wish: body ?? {}, flatten: false };
  const { flatten, ...rest } = body as Readonly<Record<string, unknown>>;
  const wrong = (problem: string): Problem =>
    new Problem('MALFORMED', 'The wish is not as it should be; every bad field is listed.', {
      errors: [{ path: 'flatten', problem }],
    });
  if (typeof flatten !== 'boolean') throw wrong('must be true or false');
  if (!flatten) return { wish: rest, flatten };
  if (rest['state'] === 'active') throw wrong('goes with reducing or halted: whoever resumes means something else');
  if (rest['cancelOpen'] === false) throw wrong('goes with cancelOpen: what stays open could open positions again');
  return { wish: { ...rest, cancelOpen: true }, flatten };
};

const stateOf = ({ status, body }: PassedAnswer): KnownState | undefined =>
  status === 200 || status === 202 ? (JSON.parse(body.toString('utf8')) as KnownState) : undefined;

const send = async (reply: FastifyReply, { status, headers, body }: PassedAnswer): Promise<void> => {
  await reply.status(status).headers(headers).send(body);
};
