import type { DecimalString } from '@switchyard/money';
import { tenTo, unitsDown } from './grid.js';

/** Places that a quantity is read with once; lots are seldom finer. */
const PLACES = 10;

let text: DecimalString = '';
let units = 0;

/**
 * The quantity of the order that is being decided in units of 10^-`places`, what is finer cut off. Every venue asks for it in its own places:
 * the text that was read last is kept.
 */
export const orderedUnits = (quantity: DecimalString, places: number): number => {
  if (quantity !== text) {
    text = quantity;
    units = unitsDown(quantity, PLACES);
  }
  return places > PLACES || units === Infinity
    ? unitsDown(quantity, places)
    : Math.floor(units / tenTo(PLACES - places));
};
