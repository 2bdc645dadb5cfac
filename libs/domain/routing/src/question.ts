import type { DecimalString } from '@switchyard/money';
import { isExit, type Mode, type Pair, type TimeInForce, type VenueWish } from '@switchyard/model';
import { tenTo, unitsDown } from './grid.js';
import type { ApprovedOrder, HeldCap, RouteInputs, RoutingSettings } from './inputs.js';

/**
 * What every venue of one decision is asked, read from its inputs once. An order has the optional fields that it has, so that orders come in
 * many shapes; to read a field of any of them takes several times as long as of an object that is made the same way each time.
 */
export interface Question {
  readonly inputs: RouteInputs;
  readonly order: ApprovedOrder;
  readonly settings: RoutingSettings;
  readonly nowMs: number;
  readonly mode: Mode;
  readonly pair: Pair;
  readonly wish: VenueWish | undefined;
  readonly timeInForce: TimeInForce | undefined;
  readonly buys: boolean;
  /** Stale books stop entries; exits go on, in the dark if need be. */
  readonly reducesRisk: boolean;
  readonly postOnly: boolean;
  /** Filled whole or not at all. */
  readonly whole: boolean;
  /** What of the order is to be placed now. */
  readonly quantity: DecimalString;
  /** The same in units of 10^-`PLACES`; `Infinity` above 2^53. */
  readonly units: number;
  /** Undefined where nothing of any cap is held. */
  readonly held: readonly HeldCap[] | undefined;
}

/** Places that the quantity is read with; lots are seldom finer. */
const PLACES = 10;

export const questionOf = (inputs: RouteInputs): Question => {
  const { order, settings, now, held } = inputs;
  const { timeInForce } = order;
  const quantity = inputs.quantity ?? order.quantity;
  return {
    inputs,
    order,
    settings,
    nowMs: now.getTime(),
    mode: order.mode,
    pair: order.pair,
    wish: order.venues,
    timeInForce,
    buys: order.side === 'buy',
    reducesRisk: order.reduceOnly || isExit(order.signalType),
    postOnly: order.postOnly === true,
    whole: timeInForce === 'fok',
    quantity,
    units: unitsDown(quantity, PLACES),
    held: held === undefined || held.length === 0 ? undefined : held,
  };
};

/** What is to be placed in units of 10^-`places`, what is finer cut off: every venue asks for it in its own places. */
export const askedUnits = ({ quantity, units }: Question, places: number): number =>
  places > PLACES || units === Infinity ? unitsDown(quantity, places) : Math.floor(units / tenTo(PLACES - places));
