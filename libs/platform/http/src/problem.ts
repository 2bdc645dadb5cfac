/** One bad field: where (`size.quote`, empty for the body itself), and what is wrong with it. */
export interface FieldError {
  readonly path: string;
  readonly problem: string;
}

/** The body of every error answer (RFC 9457), sent as `application/problem+json`. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  /** A sentence for a person; never a stack, a secret or a venue's raw reply. */
  readonly detail: string;
  /** Names the request in our logs. */
  readonly instance?: string;
  readonly errors?: readonly FieldError[];
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface ProblemOptions {
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly FieldError[];
  /** Response headers: `retry-after`, `www-authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the code's own (`STATUS_BY_CODE`, else 400). */
  readonly status?: number;
  /** Logged, never sent. */
  readonly cause?: unknown;
}

/** What a controller throws to answer with an error: `throw new Problem('NOT_FOUND', 'There is no such user.')`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly status: number;
  readonly options: ProblemOptions;

  constructor(code: string, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? STATUS_BY_CODE[code] ?? 400;
    this.options = options;
  }

  body(instance?: string): ProblemBody {
    const { errors, facts } = this.options;
    return {
      type: `urn:switchyard:problem:${this.code}`,
      title: titleOf(this.code),
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(instance === undefined ? {} : { instance }),
      ...(errors === undefined ? {} : { errors }),
      ...(facts === undefined || Object.keys(facts).length === 0 ? {} : { facts }),
    };
  }
}

/** A refusal of the domain (`{code, message, facts}`) as an answer. */
export const problemOf = ({
  code,
  message,
  facts,
}: {
  readonly code: string;
  readonly message: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}): Problem => new Problem(code, message, facts === undefined ? {} : { facts });

/** Codes that aren't here are about what was sent: 400. */
export const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  SECOND_PERSON_NEEDED: 403,
  STATE_HELD: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  APPROVAL_OVER: 409,
  ORDER_FINISHED: 409,
  ACTION_NOT_POSSIBLE: 409,
  SIGNAL_ID_REUSED: 409,
  USER_PARKED: 409,
  TOO_LARGE: 413,
  EVENT_TOO_LARGE: 413,
  INTAKE_BUSY: 429,
  USER_RATE_LIMITED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  KEYS_UNAVAILABLE: 503,
};

/** `SIGNAL_ID_REUSED` -> `Signal id reused`. */
const titleOf = (code: string): string => {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
