export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** REST as a person or a bot calls it, with one token. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Throws where no answer came, or one that says "later": it may have been done or not. */
  async call(method: string, path: string, body?: object, patienceMs = 15_000): Promise<ApiAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    if (response.status >= 500 || response.status === 429)
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return { status: response.status, body: parsed(text) };
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
