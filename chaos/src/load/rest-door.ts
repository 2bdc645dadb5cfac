import type { Answer, Door } from './door.js';
import type { LoadSignal } from './signals.js';

const PATIENCE_MS = 10_000;

/** `POST /v1/signals`, as a strategy calls it. */
export const restDoor = (url: string, tokens: ReadonlyMap<string, string>): Door => ({
  name: 'rest',
  async offer(signal: LoadSignal): Promise<Answer> {
    const response = await fetch(`${url}/v1/signals`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.get(signal.userId) ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify(signal),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await response.text();
    if (response.status === 202) return { kind: 'accepted' };
    if (response.status >= 500 || response.status === 429) throw new Error(`${response.status} ${body}`);
    return { kind: 'refused', code: codeOf(body) };
  },
  close: () => Promise.resolve(),
});

const codeOf = (body: string): string => {
  try {
    return String((JSON.parse(body) as { readonly code?: unknown }).code);
  } catch {
    return 'UNREADABLE';
  }
};
