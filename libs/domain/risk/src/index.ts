export { decide, needsPolicy, type Decision } from './decide.js';
export type {
  Approved,
  BalanceUpdated,
  Environment,
  Held,
  HeldExitDue,
  OrderCompleted,
  OrderFilled,
  Outcome,
  PolicyChanged,
  Rejected,
  RiskCommand,
  SignalValidated,
} from './commands.js';
export { waitingExits, type WaitingExit } from './held-exits.js';
export type { ApprovedCap, OrderApproval } from './approval.js';
export { DEFAULT_SETTINGS, type RiskSettings } from './settings.js';
export { EMPTY, type RiskState } from './state.js';
export { restored, type StoredUser } from './stored-state.js';
export { DEFAULT_SECTORS, sectorOf, UNCLASSIFIED, type Sectors } from './sectors.js';
export type { Recommendation } from './verdict.js';
export { VolatilityBoard, type Volatility, type VolatilityOptions } from './volatility.js';
export {
  ALERT_CODES,
  CLEARED_AT,
  judge,
  readingsOf,
  SEVERITIES,
  type AlertCode,
  type Judgement,
  type MonitorCounts,
  type MonitorSettings,
} from './live-monitor.js';
