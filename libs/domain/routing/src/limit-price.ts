import type { ApprovedOrder } from './inputs.js';
import { snapDown, snapUp, unitsDown, unitsUp, type Grid } from './grid.js';
import type { PreparedMarket } from './prepared-market.js';
import type { PriceBasis } from './method.js';

const BPS = 10_000n;

/** The price of a signal on the venue's grid, never worse for the user than what was asked: a buy rounds down, a sell up. */
export const onTick = (side: 'buy' | 'sell', text: string, tick: Grid): bigint =>
  side === 'buy' ? snapDown(unitsDown(text, tick.places), tick) : snapUp(unitsUp(text, tick.places), tick);

/** The best price of the side that the order would take from. */
export const farTouch = (order: ApprovedOrder, market: PreparedMarket): bigint | undefined =>
  (order.side === 'buy' ? market.asks : market.bids).prices[0];

/** Undefined where the basis needs no price, or the book has none to offer. */
export const limitPriceOf = (
  order: ApprovedOrder,
  market: PreparedMarket,
  basis: PriceBasis,
  collarBps: number,
): bigint | undefined => {
  const { side } = order;
  const { tick } = market;
  const snap = (price: bigint): bigint => (side === 'buy' ? snapDown(price, tick) : snapUp(price, tick));
  switch (basis) {
    case 'none':
      return undefined;
    case 'own': {
      const text = order.limitPrice ?? order.entryPrice;
      return text === undefined ? undefined : onTick(side, text, tick);
    }
    case 'touch':
    case 'collar': {
      const near = (side === 'buy' ? market.bids : market.asks).prices[0];
      if (order.postOnly === true) return near === undefined ? undefined : snap(near);
      const far = farTouch(order, market);
      if (far === undefined || basis === 'touch') return far === undefined ? undefined : snap(far);
      const collar = BigInt(collarBps);
      return side === 'buy'
        ? snapDown((far * (BPS + collar)) / BPS, tick)
        : snapUp((far * (BPS - collar) + BPS - 1n) / BPS, tick);
    }
  }
};
