export { Decimal, decimal, isDecimalString, plain, ZERO, type DecimalString } from './decimal.js';
export { ceilTo, floorTo, isMultipleOf, roundTo } from './grid.js';
