import type { BadField, MarketSnapshot } from '@switchyard/contracts';
import { Problem } from '@switchyard/http';
import type { WebhookGrant } from '@switchyard/auth';
import { readSignal } from '../signals/read-signal.js';
import type { SignalAdmission } from '../signals/signal-admission.js';
import type { Accepted, SignalIntake } from '../signals/signal-intake.js';
import { signalOfAlert, type SignalOfAlert } from './tradingview-signal.js';

/** TradingView hangs up after 3 s; what it is answered with a 5xx it sends again 5 s later, three times at most. */
const DEADLINE_MS = 2_500;

/** An alert without any time is the same alert for this long, and for as long as this once more at most: all of TradingView's repetitions fall into it. */
const UNDATED_WINDOW_MS = 60_000;

/**
 * Alerts as signals, through the same admission as REST.
 *
 * 1. A 202 comes after the commit; what comes later than TradingView waits is answered 503, so that it is sent again.
 * 2. The same alert again is the same signal: its id is its own, or made from what it says, the time included. Without a time the id is
 *    made from the minute of its arrival too, and what has come in this minute or the one before counts as a repetition.
 * 3. What is refused claims no id.
 */
export class TradingViewAlerts {
  constructor(
    private readonly intake: Pick<SignalIntake, 'accept'>,
    private readonly admission: Pick<SignalAdmission, 'identityOf'>,
    private readonly market: { listings(): readonly MarketSnapshot[]; readonly size: number },
    private readonly clock: () => Date = () => new Date(),
    private readonly deadlineMs = DEADLINE_MS,
  ) {}

  /** Throws `Problem`: MALFORMED, UNKNOWN_PAIR and all that `SignalIntake.accept` throws; UNAVAILABLE where it takes too long. */
  accept(text: string, grant: WebhookGrant, traceparent: string | undefined): Promise<Accepted> {
    return withinDeadline(this.admit(text, grant, traceparent), this.deadlineMs);
  }

  private async admit(text: string, grant: WebhookGrant, traceparent: string | undefined): Promise<Accepted> {
    const { userId, strategyId, tokenId } = grant;
    const found = signalOfAlert(text, { userId, strategyId }, this.market.listings());
    if (!found.ok) throw this.refused(found, userId);
    const body = found.undated ? { ...found.body, signalId: await this.undatedId(userId, found.body) } : found.body;
    try {
      return await this.intake.accept(body, { caller: { userId, role: 'trader', tokenId }, traceparent });
    } catch (error) {
      throw asAlert(error, found.names);
    }
  }

  private async undatedId(userId: string, body: Readonly<Record<string, unknown>>): Promise<string> {
    const id = String(body['signalId']);
    const window = Math.floor(this.clock().getTime() / UNDATED_WINDOW_MS);
    const before = `${id}-${window - 1}`;
    return (await this.admission.identityOf({ userId, signalId: before })) === undefined ? `${id}-${window}` : before;
  }

  private refused(found: SignalOfAlert & { readonly ok: false }, userId: string): Problem {
    const { errors, unknownSymbol, body = {}, names = new Map<string, string>() } = found;
    if (unknownSymbol !== undefined) {
      if (this.market.size === 0)
        return new Problem('UNAVAILABLE', 'No market data has been received yet; try again.', { headers: RETRY });
      return new Problem('UNKNOWN_PAIR', `"${unknownSymbol}" ${errors[0]?.problem ?? ''}.`, {
        errors,
        facts: { symbol: unknownSymbol },
      });
    }
    // Nothing is known of these where the words or the symbol could not be read, and that is said already.
    const said = new Set(['signalId', 'side', 'signalType', 'pair', ...errors.map(({ path }) => path)]);
    const reading = readSignal(body, userId, this.clock());
    const others = reading.ok || errors.some(({ path }) => path === '') ? [] : named(reading.errors, names);
    return malformed([...errors, ...others.filter(({ path }) => !said.has(path))]);
  }
}

const RETRY = { 'retry-after': '1' };

const malformed = (errors: readonly BadField[]): Problem =>
  new Problem('MALFORMED', 'The alert is not as it should be; every bad field is listed.', { errors });

/** What the door says of a signal's fields, in the alert's own names. */
const asAlert = (error: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (!(error instanceof Problem)) return error;
  if (error.code === 'MALFORMED') return malformed(named(error.options.errors ?? [], names));
  // TradingView sends again what was answered with a 5xx, and gives up on a 429.
  if (error.code === 'INTAKE_BUSY') return new Problem(error.code, error.message, { ...error.options, status: 503 });
  return error;
};

const named = (errors: readonly BadField[], names: ReadonlyMap<string, string>): readonly BadField[] =>
  errors.map(({ path, problem }) => {
    const [field = '', ...rest] = path.split('.');
    return { path: [names.get(field) ?? field, ...rest].join('.'), problem };
  });

const withinDeadline = async <T>(work: Promise<T>, deadlineMs: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Problem('UNAVAILABLE', 'The alert could not be stored in time; sent again, it is the same signal.', {
          headers: RETRY,
        }),
      );
    }, deadlineMs);
  });
  // Whoever is late may still fail: that is answered already.
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer);
  });
};
