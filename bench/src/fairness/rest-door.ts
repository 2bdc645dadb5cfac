import { Agent } from 'undici';
import type { LoadSignal } from '../pipeline/signals.js';

/** The gateway, as the people who send signals find it: each with a token of their own, over a few kept connections. */
export class RestDoor {
  private readonly agent = new Agent({ connections: 64, pipelining: 1 });
  /** Answers by status, since the last look. */
  private answers = new Map<number, number>();

  constructor(
    private readonly url: string,
    private readonly tokens: ReadonlyMap<string, string>,
  ) {}

  /** @returns whether it was accepted; what is refused is counted, and what can't be sent throws. */
  async send(signal: LoadSignal): Promise<boolean> {
    const { statusCode, body } = await this.agent.request({
      origin: this.url,
      path: '/v1/signals',
      method: 'POST',
      headers: { authorization: `Bearer ${this.tokens.get(signal.userId) ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify(signal),
    });
    await body.dump();
    this.answers.set(statusCode, (this.answers.get(statusCode) ?? 0) + 1);
    return statusCode === 202;
  }

  counted(): ReadonlyMap<number, number> {
    const counted = this.answers;
    this.answers = new Map();
    return counted;
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}
