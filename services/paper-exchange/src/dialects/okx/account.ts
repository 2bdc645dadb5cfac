import { ZERO } from '@switchyard/money';
import { paid, short } from './format.js';
import { asksSpot, instrumentOf, type Route, type SignedContext } from './route.js';

/** In spot mode: what an asset's equity is, and its cash. */
const balance = ({ exchange, customer: { account }, parameters }: SignedContext): readonly unknown[] => {
  exchange.settleAll();
  const asked = parameters.text('ccy')?.split(',');
  const uTime = String(exchange.now());
  const details = [...account.balances]
    .filter(([asset, { free, locked }]) => (asked?.includes(asset) ?? true) && free.plus(locked).gt(ZERO))
    .map(([ccy, { free, locked }]) => ({
      ccy,
      eq: short(free.plus(locked)),
      cashBal: short(free.plus(locked)),
      availBal: short(free),
      frozenBal: short(locked),
      ordFrozen: short(locked),
      availEq: '',
      borrowFroz: '',
      crossLiab: '',
      disEq: '',
      eqUsd: '',
      fixedBal: '0',
      imr: '',
      interest: '',
      isoEq: '',
      isoLiab: '',
      isoUpl: '',
      liab: '',
      maxLoan: '',
      mgnRatio: '',
      mmr: '',
      notionalLever: '',
      spotInUseAmt: '',
      spotIsoBal: '0',
      stgyEq: '0',
      twap: '0',
      uTime,
      upl: '',
      uplLiab: '',
    }));
  return [
    { adjEq: '', borrowFroz: '', details, imr: '', isoEq: '0', mgnRatio: '', mmr: '', ordFroz: '', totalEq: '', uTime },
  ];
};

const tradeFee = (context: SignedContext): readonly unknown[] => {
  context.parameters.required('instType');
  if (!asksSpot(context)) return [];
  if (context.parameters.text('instId') !== undefined) instrumentOf(context);
  const rates = { maker: paid(context.exchange.fees.maker), taker: paid(context.exchange.fees.taker) };
  return [
    {
      category: '1',
      delivery: '',
      exercise: '',
      feeGroup: [{ groupId: '1', ...rates }],
      fiat: [],
      instType: 'SPOT',
      level: 'Lv1',
      ...rates,
      makerU: '',
      makerUSDC: rates.maker,
      ruleType: 'normal',
      takerU: '',
      takerUSDC: rates.taker,
      ts: String(context.exchange.now()),
    },
  ];
};

/** Every paper account is in spot mode, and may read and trade. */
const config = ({ customer }: SignedContext): readonly unknown[] => [
  {
    acctLv: '1',
    autoLoan: false,
    greeksType: 'PA',
    kycLv: '2',
    label: customer.key,
    level: 'Lv1',
    mainUid: '1',
    perm: 'read_only,trade',
    posMode: 'net_mode',
    type: '0',
    uid: '1',
  },
];

export const accountRoutes: Readonly<Record<string, Route>> = {
  'GET /api/v5/account/balance': { signed: true, answer: balance },
  'GET /api/v5/account/trade-fee': { signed: true, answer: tradeFee },
  'GET /api/v5/account/config': { signed: true, answer: config },
};
