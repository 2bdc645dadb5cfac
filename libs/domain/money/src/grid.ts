import { Decimal } from './decimal.js';

const DOWN = 0;
const HALF_UP = 1;
const UP = 3;

const onGrid = (value: Decimal, step: Decimal, mode: typeof DOWN | typeof HALF_UP | typeof UP): Decimal =>
  value.div(step).round(0, mode).times(step);

/** The largest multiple of `step` not beyond `value`, toward zero. `step` > 0. */
export const floorTo = (value: Decimal, step: Decimal): Decimal => onGrid(value, step, DOWN);

/** The smallest multiple of `step` not short of `value`, away from zero. `step` > 0. */
export const ceilTo = (value: Decimal, step: Decimal): Decimal => onGrid(value, step, UP);

/** The nearest multiple of `step`, half away from zero. `step` > 0. */
export const roundTo = (value: Decimal, step: Decimal): Decimal => onGrid(value, step, HALF_UP);

/** Whether `value` lies on the grid of `step` exactly. */
export const isMultipleOf = (value: Decimal, step: Decimal): boolean => value.mod(step).eq(new Decimal('0'));
