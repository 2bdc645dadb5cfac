import { decimal, plain, type Decimal } from '@switchyard/money';
import { isExit, refuse, type Code, type Side, type Signal } from '@switchyard/model';
import type { Check, Subject } from './subject.js';

/** The price that protective prices are measured from: the entry price, else the limit price, else mid. */
export const referencePrice = (signal: Signal, mid: Decimal | undefined): Decimal | undefined => {
  const given = signal.entryPrice ?? signal.limitPrice;
  return given === undefined ? mid : decimal(given);
};

/** Below the entry price for a buy, above it for a sell. */
export const stopLossSide: Check = (subject) =>
  onWrongSide(subject, 'stopLoss', 'STOP_LOSS_WRONG_SIDE', subject.signal.side === 'buy' ? 'sell' : 'buy');

/** Above the entry price for a buy, below it for a sell. */
export const takeProfitSide: Check = (subject) =>
  onWrongSide(subject, 'takeProfit', 'TAKE_PROFIT_WRONG_SIDE', subject.signal.side);

/** `upwards` is the side of a signal whose price lies above the reference. An exit's prices describe a position that exists already. */
const onWrongSide = (
  { signal, mid }: Subject,
  field: 'stopLoss' | 'takeProfit',
  code: Code,
  upwards: Side,
): ReturnType<Check> => {
  const given = signal[field];
  if (given === undefined || isExit(signal.signalType)) return undefined;
  const reference = referencePrice(signal, mid);
  if (reference === undefined) return undefined;
  const price = decimal(given);
  const right = upwards === 'buy' ? price.gt(reference) : price.lt(reference);
  return right ? undefined : refuse(code, { side: signal.side, [field]: given, reference: plain(reference) });
};
