import { refuse, type Refusal } from '@switchyard/model';
import type { Decimal } from '@switchyard/money';
import { recognise, type SignalIdentity } from './identity.js';
import { validateSignal, validateStrategySignal, type ValidateSignal } from './validate-signal.js';

/** A record of the door whose ids could be read: a signal and the hash of its content, or what keeps it from being one. */
export type ReadSignal =
  | { readonly ok: true; readonly signal: ValidateSignal['signal']; readonly hash: string }
  | { readonly ok: false; readonly refusal: Refusal };

export interface DecideSignal extends Omit<ValidateSignal, 'signal'> {
  readonly read: ReadSignal;
  /** What is remembered of the signal's id. */
  readonly known: SignalIdentity | undefined;
}

export type SignalDecision =
  /** Decided before; nothing happens. */
  | { readonly type: 'repeat' }
  | {
      readonly type: 'validated';
      readonly signal: ValidateSignal['signal'];
      readonly identity: SignalIdentity & { readonly status: 'decided' };
      readonly mid: Decimal | undefined;
      readonly policyVersion: number;
    }
  | {
      readonly type: 'rejected';
      readonly failed: readonly [Refusal, ...Refusal[]];
      /** Absent where the refusal claims no id: another signal has it, or the record was no signal. */
      readonly identity?: SignalIdentity & { readonly status: 'decided' };
    };

/** Decides a record of the door. Identity comes first: what was decided is never decided again, whatever its age by now. */
export const decideSignal = ({ read, known, ...context }: DecideSignal): SignalDecision => {
  const hash = read.ok ? read.hash : undefined;
  switch (recognise(known, hash)) {
    case 'repeat':
      return { type: 'repeat' };
    case 'reused':
      return { type: 'rejected', failed: [refuse('SIGNAL_ID_REUSED', {})] };
    case 'first':
      return read.ok ? judge(read.signal, read.hash, context) : { type: 'rejected', failed: [read.refusal] };
  }
};

const judge = (
  signal: ValidateSignal['signal'],
  hash: string,
  context: Omit<ValidateSignal, 'signal'>,
): SignalDecision => {
  const validation =
    signal.userId === undefined
      ? validateStrategySignal({ signal, ...context })
      : validateSignal({ signal, ...context });
  if (!validation.ok) {
    const { failed } = validation;
    const identity = { status: 'decided', hash, outcome: 'rejected', code: failed[0].code } as const;
    return { type: 'rejected', failed, identity };
  }
  const identity = { status: 'decided', hash, outcome: 'validated' } as const;
  return { type: 'validated', signal, identity, mid: validation.mid, policyVersion: validation.policyVersion };
};
