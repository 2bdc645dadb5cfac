import { afterEach, describe, expect, it } from '@jest/globals';
import { aVenue, type AVenue } from '../testing/a-venue.js';
import { Customer } from './customer.js';

let venue: AVenue;
afterEach(() => venue.exchange.close());

const customer = (accountKey = 'alice'): Customer => {
  const account = venue.exchange.state.account(accountKey);
  if (account === undefined) throw new Error(`${accountKey} has no account`);
  return new Customer(venue.exchange, account);
};

describe('what a customer is told', () => {
  it('is of their own orders and trades alone', () => {
    venue = aVenue();
    venue.book([['99', '5']], [['100', '5']]);
    venue.place({ type: 'market', quantity: '1', clientOrderId: 'mine' });
    venue.place({ quantity: '1', limitPrice: '90', clientOrderId: 'rests' });
    const [alice, bob] = [customer(), customer('bob')];
    expect(alice.orders().map(({ clientOrderId }) => clientOrderId)).toEqual(['mine', 'rests']);
    expect([alice.openOrders(), alice.closedOrders(), alice.trades()].map((rows) => rows.length)).toEqual([1, 1, 1]);
    expect(alice.order(1)?.clientOrderId).toBe('mine');
    expect([bob.order(1), bob.orderByClientId('mine'), bob.orders(), bob.trades({ orderId: 1 })]).toEqual([
      undefined,
      undefined,
      [],
      [],
    ]);
  });

  it('knows nothing of an order that the venue was made to forget, but its trades and the ledger do', () => {
    venue = aVenue();
    venue.book([['99', '5']], [['100', '5']]);
    venue.place({ type: 'market', quantity: '1', clientOrderId: 'mine' });
    venue.place({ quantity: '1', limitPrice: '90', clientOrderId: 'rests' });
    for (const id of ['mine', 'rests']) venue.exchange.forget('alice', id);
    const alice = customer();
    expect([alice.order(1), alice.orderByClientId('mine'), alice.orders(), alice.openOrders()]).toEqual([
      undefined,
      undefined,
      [],
      [],
    ]);
    expect(alice.trades({ orderId: 1 })).toHaveLength(1);
    expect([...venue.exchange.ledger({})]).toHaveLength(2);
  });
});
