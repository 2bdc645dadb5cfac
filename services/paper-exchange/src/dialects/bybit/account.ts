import { ZERO } from '@switchyard/money';
import { errors } from './errors.js';
import { instrumentsAsked, type Route, type SignedContext } from './route.js';

/** The coins that the account holds. Sums in dollars over all of them are not told: nothing here has a dollar's price of its own. */
const walletBalance = ({ exchange, customer: { account }, parameters }: SignedContext): unknown => {
  if (parameters.required('accountType') !== 'UNIFIED') throw errors.badParameter('accountType');
  exchange.settleAll();
  const asked = parameters.text('coin')?.split(',') ?? [...account.balances.keys()];
  return {
    list: [
      {
        accountType: 'UNIFIED',
        coin: asked
          .map((coin) => ({ coin, held: account.balance(coin) }))
          .map(({ coin, held }) => ({ coin, locked: held.locked, all: held.free.plus(held.locked) }))
          .filter(({ all }) => parameters.text('coin') !== undefined || all.gt(ZERO))
          .map(({ coin, locked, all }) => ({
            coin,
            equity: all.toFixed(),
            walletBalance: all.toFixed(),
            locked: locked.toFixed(),
            spotBorrow: '0',
            borrowAmount: '0',
            accruedInterest: '0',
            totalOrderIM: '0',
            totalPositionIM: '0',
            totalPositionMM: '0',
            unrealisedPnl: '0',
            bonus: '0',
            availableToWithdraw: '',
          })),
      },
    ],
  };
};

const feeRate = (context: SignedContext): unknown => {
  const { maker, taker } = context.exchange.fees;
  return {
    category: 'spot',
    list: instrumentsAsked(context).map(({ symbol }) => ({
      symbol,
      takerFeeRate: taker.toFixed(),
      makerFeeRate: maker.toFixed(),
    })),
  };
};

export const accountRoutes: Readonly<Record<string, Route>> = {
  'GET /v5/account/wallet-balance': { signed: true, answer: walletBalance },
  'GET /v5/account/fee-rate': { signed: true, answer: feeRate },
};
