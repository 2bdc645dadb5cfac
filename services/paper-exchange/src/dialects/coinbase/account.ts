import { uuidOf } from './ids.js';
import { moment, short } from './format.js';
import type { Route, SignedContext } from './route.js';

const FIAT: readonly string[] = ['USD', 'EUR', 'GBP'];

/** A wallet for each currency that is listed or held. */
const accounts = ({ exchange, asked, customer: { account } }: SignedContext): object => {
  exchange.settleAll();
  const listed = [...exchange.state.instruments.values()].flatMap(({ base, quote }) => [base, quote]);
  const currencies = [...new Set([...listed, ...account.balances.keys()])].sort();
  const behind = asked.text('cursor');
  const left = behind === undefined ? currencies : currencies.filter((currency) => currency > behind);
  const page = left.slice(0, asked.limit(49, 250));
  const hasNext = page.length < left.length;
  const wallet = (currency: string): object => {
    const { free, locked } = account.balance(currency);
    return {
      uuid: uuidOf(`wallet ${account.accountKey} ${currency}`),
      name: `${currency} Wallet`,
      currency,
      available_balance: { value: short(free), currency },
      default: true,
      active: true,
      created_at: moment(account.openedAt),
      updated_at: moment(account.openedAt),
      deleted_at: null,
      type: FIAT.includes(currency) ? 'ACCOUNT_TYPE_FIAT' : 'ACCOUNT_TYPE_CRYPTO',
      ready: true,
      hold: { value: short(locked), currency },
      retail_portfolio_id: uuidOf(`portfolio ${account.accountKey}`),
      platform: 'ACCOUNT_PLATFORM_CONSUMER',
    };
  };
  return {
    accounts: page.map(wallet),
    has_next: hasNext,
    cursor: hasNext ? (page.at(-1) ?? '') : '',
    size: page.length,
  };
};

const transactionSummary = ({ exchange }: SignedContext): object => {
  const { maker, taker } = exchange.fees;
  return {
    total_volume: '0',
    total_fees: '0',
    fee_tier: {
      pricing_tier: 'Advanced 1',
      usd_from: '0',
      usd_to: '1000',
      taker_fee_rate: short(taker),
      maker_fee_rate: short(maker),
      aop_from: '',
      aop_to: '',
    },
    margin_rate: null,
    goods_and_services_tax: null,
    advanced_trade_only_volume: '0',
    advanced_trade_only_fees: '0',
    coinbase_pro_volume: '0',
    coinbase_pro_fees: '0',
    total_balance: '',
    has_promo_fee: false,
  };
};

export const accountRoutes: Readonly<Record<string, Route>> = {
  'GET /api/v3/brokerage/accounts': { signed: true, answer: accounts },
  'GET /api/v3/brokerage/transaction_summary': { signed: true, answer: transactionSummary },
};
