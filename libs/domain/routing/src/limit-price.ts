import type { Ground } from './ground.js';
import { snapDown, snapUp, tenTo, unitsDown, unitsUp, type Grid } from './grid.js';
import type { PriceBasis } from './method.js';
import type { PreparedMarket } from './prepared-market.js';
import type { Question } from './question.js';

const BPS = 10_000;

/** The price of a signal on the venue's grid, never worse for the user than what was asked: a buy rounds down, a sell up. */
export const onTick = (side: 'buy' | 'sell', text: string, tick: Grid): number =>
  side === 'buy' ? snapDown(unitsDown(text, tick.places), tick) : snapUp(unitsUp(text, tick.places), tick);

/** The best price of the side that the order would take from; 0 where there is none. */
export const farTouch = (side: 'buy' | 'sell', market: PreparedMarket): number =>
  (side === 'buy' ? market.asks : market.bids).touch;

/** 0 where the book has none to offer, or the price is none on the venue's grid. */
export const limitPriceOf = (
  { order, settings, buys, postOnly }: Question,
  { tick, asks, bids }: PreparedMarket,
  basis: Exclude<PriceBasis, 'none'>,
  ground: Ground,
): number => {
  if (basis === 'own') {
    const text = order.limitPrice ?? order.entryPrice;
    const price = text === undefined ? 0 : onTick(order.side, text, tick);
    return Number.isFinite(price) ? price : 0;
  }
  if (postOnly) return buys ? snapDown(bids.touch, tick) : snapUp(asks.touch, tick);
  if (basis === 'touch') return buys ? snapDown(asks.touch, tick) : snapUp(bids.touch, tick);
  // The collar lies beyond the best touch of all sound venues: nobody pays more at a venue because that one is dear.
  const { collarBps } = settings;
  const touch = ground.touch / tenTo(ground.touchPlaces - tick.places);
  return buys
    ? snapDown(Math.floor(touch + Math.floor((touch * collarBps) / BPS)), tick)
    : snapUp(Math.ceil(touch - Math.floor((touch * collarBps) / BPS)), tick);
};
