import type { LoadSignal } from './signals.js';

export type Answer = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly code: string };

/** Where signals go in. Throws where no answer came, or one that says "later": it may have been taken or not, and is offered again. */
export interface Door {
  readonly name: 'rest' | 'kafka';
  offer(signal: LoadSignal): Promise<Answer>;
  close(): Promise<void>;
}
