import { decimal } from '@switchyard/money';
import type { Instrument } from '../../core/instrument.js';
import { eight } from './format.js';
import { instrumentOf, instrumentsAsked, type Route, type SignedContext } from './route.js';

const ZERO = decimal('0');

const accountOf = ({ exchange, customer: { account }, parameters }: SignedContext): unknown => {
  exchange.settleAll();
  const { maker, taker } = exchange.fees;
  const withoutEmpty = parameters.text('omitZeroBalances') === 'true';
  const known = [...exchange.state.instruments.values()].flatMap(({ base, quote }) => [base, quote]);
  const assets = [...new Set([...known, ...account.balances.keys()])];
  return {
    // In units of 0.01 %, as this older part of the reply counts.
    makerCommission: Number(maker.times('10000').toFixed(0)),
    takerCommission: Number(taker.times('10000').toFixed(0)),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: eight(maker), taker: eight(taker), buyer: eight('0'), seller: eight('0') },
    canTrade: true,
    canWithdraw: false,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: exchange.now(),
    accountType: 'SPOT',
    balances: assets
      .map((asset) => ({ asset, held: account.balance(asset) }))
      .filter(({ held }) => !withoutEmpty || held.free.plus(held.locked).gt(ZERO))
      .map(({ asset, held }) => ({ asset, free: eight(held.free), locked: eight(held.locked) })),
    permissions: ['SPOT'],
  };
};

const commission = (context: SignedContext): unknown => {
  const { maker, taker } = context.exchange.fees;
  const none = { maker: eight('0'), taker: eight('0'), buyer: eight('0'), seller: eight('0') };
  return {
    symbol: instrumentOf(context).symbol,
    standardCommission: { maker: eight(maker), taker: eight(taker), buyer: eight('0'), seller: eight('0') },
    specialCommission: none,
    taxCommission: none,
    discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: eight('0') },
  };
};

const tradeFee = (context: SignedContext): unknown => {
  const { maker, taker } = context.exchange.fees;
  return instrumentsAsked(context).map(({ symbol }: Instrument) => ({
    symbol,
    makerCommission: maker.toFixed(),
    takerCommission: taker.toFixed(),
  }));
};

export const accountRoutes: Readonly<Record<string, Route>> = {
  'GET /api/v3/account': { weight: 20, signed: true, answer: accountOf },
  'GET /api/v3/account/commission': { weight: 20, signed: true, answer: commission },
  'GET /sapi/v1/asset/tradeFee': { weight: 1, signed: true, answer: tradeFee },
};
