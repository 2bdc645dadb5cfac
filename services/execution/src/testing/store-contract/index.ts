import { afterEach, beforeAll, describe } from '@jest/globals';
import type { ExecutionStore } from '../../ports/execution-store.js';
import { accountContract } from './accounts.js';
import { cancelContract } from './cancels.js';
import { undoUnfinished, type StoreFixture } from './fixture.js';
import { guardContract } from './guard.js';
import { orderContract } from './orders.js';
import { queueContract } from './queue.js';
import { tradingStateContract } from './trading-states.js';
import { transactionContract } from './transactions.js';

export type { StoreFixture } from './fixture.js';

/** What every store of an executor does: Postgres in a deployment, and its twin in memory, on which simulations rely. */
export const storeContract = (name: string, open: () => Promise<StoreFixture>): void => {
  describe(`the executor’s store (${name})`, () => {
    let opened: StoreFixture;
    let first: ExecutionStore;
    beforeAll(async () => {
      opened = await open();
      first = await opened.client();
    });
    afterEach(async () => {
      undoUnfinished();
      await opened.reset();
    });
    const fixture = (): StoreFixture => opened;
    const client = (): ExecutionStore => first;
    queueContract(fixture, client);
    orderContract(fixture, client);
    cancelContract(fixture, client);
    accountContract(fixture, client);
    transactionContract(fixture, client);
    tradingStateContract(fixture, client);
    guardContract(fixture);
  });
};
