import { code, codes, page, table } from './markdown.mjs';

export const venuesPage = async (load) => {
  const { VENUES } = await load('libs/exchanges', 'venues');
  const venues = Object.values(VENUES).map(({ capabilities }) => capabilities);
  const of = (rows) =>
    table(
      ['', ...venues.map(({ venue }) => venue)],
      rows.map(([what, tell]) => [what, ...venues.map(tell)]),
    );
  return [
    page(
      'Venues',
      `What each venue's adapter can do and what it relies on: data
([\`capabilities.ts\`](../../libs/exchanges/src/capabilities.ts)), from which an order is refused before it is sent, and from which an
executor knows how long an order of unknown outcome may still arrive. What is not in a venue's column is refused with
[\`UNSUPPORTED_ORDER_TYPE\` or \`UNSUPPORTED_OPTION\`](codes.md#what-a-venue-refused). Every cell that can be tried is a case of the contract
that each adapter passes ([adding an exchange](../how-to/add-an-exchange.md)).`,
    ),
    '## Orders\n',
    of([
      ['market', (venue) => forces(venue, 'market')],
      ['limit', (venue) => forces(venue, 'limit')],
      ['stop', (venue) => forces(venue, 'stop')],
      ['stop with a limit', (venue) => forces(venue, 'stop_limit')],
      ['post-only', ({ postOnly }) => codes(postOnly)],
      ['hidden size', ({ displayQuantity }) => said(displayQuantity)],
      [
        'a resting order can be amended',
        ({ amend, amendPostOnly }) => `${said(amend)}${amendPostOnly === false ? ', not as post-only' : ''}`,
      ],
      ['answer to a new order', ({ placeReports }) => ANSWERS[placeReports]],
      ['fees come in', ({ feeCurrency }) => FEES[feeCurrency]],
      ['a dollar may be', ({ quoteAliases }) => codes(Object.values(quoteAliases))],
    ]),
    '## What keeps an order from being sent twice\n',
    of([
      ['refuses a request that comes late', ({ enforcesExpiry }) => said(enforcesExpiry)],
      ['window of a request', windowOf],
      [
        'may still take it afterwards for',
        ({ expiryLeewayMs = 0 }) => (expiryLeewayMs === 0 ? '' : time(expiryLeewayMs)),
      ],
      ['our ids must be unique', ({ clientIdReuse }) => UNIQUE[clientIdReuse]],
      ['one request of a key at a time, numbered', ({ serialNonce }) => said(serialNonce)],
    ]),
    '## What anybody is told\n',
    of([
      ['levels of a book', ({ maxBookDepth }) => maxBookDepth],
      ['books, trades and tickers are streamed', ({ venue }) => said(VENUES[venue].stream !== undefined)],
      ['trades in one answer', ({ publicTrades }) => publicTrades.most],
      ['a trade that is missing shows by its number', ({ publicTrades }) => said(publicTrades.numbered)],
      ['who took is told', ({ publicTrades }) => said(publicTrades.takerSide)],
      ['what traded in 24 hours is told', ({ noDayVolume }) => said(noDayVolume !== true)],
    ]),
    '## Reach\n',
    of([
      ['live', ({ origins }) => code(origins.live)],
      ['test net', ({ origins }) => (origins.testnet === null ? '' : code(origins.testnet))],
      ['books from', ({ origins }) => (origins.marketData === undefined ? '' : code(origins.marketData))],
      ['listings need a key', ({ listingsNeedKey }) => said(listingsNeedKey)],
      ['weight an address', ({ rates }) => limit(rates.weight)],
      ['requests an account', ({ rates }) => limit(rates.account)],
      ['orders an account', ({ rates }) => limit(rates.orders)],
    ]),
    'Limits are those that the venue documents for its lowest or usual tier. An empty cell is a no.\n',
  ].join('\n');
};

const ANSWERS = { orderAndFills: 'the order and its fills', order: 'the order', idOnly: 'its id' };
const FEES = {
  received: 'what is received',
  quote: 'quote',
  receivedOrThird: 'what is received, or a third',
  quoteOrThird: 'quote, or a third',
};
const UNIQUE = { openOnly: 'among open orders', forever: 'for ever', unproven: 'not known' };

const said = (yes) => (yes === true ? 'yes' : '');
const time = (ms) => (ms % 60_000 === 0 ? `${ms / 60_000} min` : ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);
const forces = ({ orderTypes }, type) => codes(orderTypes[type] ?? []);
const limit = (of) => (of === null || of === undefined ? '' : `${of.limit} in ${time(of.windowMs)}`);
const windowOf = ({ enforcesExpiry, minRecvWindowMs: least, maxRecvWindowMs: most }) => {
  if (!enforcesExpiry) return '';
  if (most === null) return least === 0 ? 'any' : `${time(least)} or more`;
  return least === 0 ? `up to ${time(most)}` : `${time(least)} to ${time(most)}`;
};
