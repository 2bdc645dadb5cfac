import type {
  AccountPolicyChanged,
  BalanceUpdated,
  HeldExitDue,
  OrderCompleted,
  OrderFilled,
  SignalValidated,
} from '@switchyard/contracts';
import { deriveId, type LogEvent } from '@switchyard/log';
import type { UserPolicy } from '@switchyard/model';
import type { RiskCommand } from '@switchyard/risk-domain';

/** What each event asks of risk. */
export const commandOf = {
  signalValidated: ({ payload, traceparent }: LogEvent<SignalValidated>): RiskCommand => ({
    type: 'signalValidated',
    signal: payload.signal,
    parentOrderId: deriveId('parent-order', payload.userId, payload.signalId),
    trace: traceparent,
  }),
  policyChanged: ({ payload }: LogEvent<AccountPolicyChanged>): RiskCommand => ({
    type: 'policyChanged',
    // Limits that are not set are absent in JSON, never undefined.
    policy: payload as UserPolicy,
  }),
  balanceUpdated: ({ payload }: LogEvent<BalanceUpdated>): RiskCommand => ({
    type: 'balanceUpdated',
    accountId: payload.accountId,
    totals: Object.fromEntries(payload.balances.map(({ currency, total }) => [currency, total])),
    askedAt: payload.askedAt,
  }),
  orderFilled: ({ payload }: LogEvent<OrderFilled>): RiskCommand => ({ type: 'orderFilled', ...payload }),
  heldExitDue: ({ payload }: LogEvent<HeldExitDue>): RiskCommand => ({
    type: 'heldExitDue',
    parentOrderId: payload.parentOrderId,
  }),
  orderCompleted: ({ payload }: LogEvent<OrderCompleted>): RiskCommand => ({ type: 'orderCompleted', ...payload }),
} as const;
