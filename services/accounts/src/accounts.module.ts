import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { KeyRing, openKeyRing } from '@switchyard/auth';
import { INTROSPECTOR } from '@switchyard/http';
import { counter } from '@switchyard/observability';
import type { ServiceContext } from '@switchyard/runtime';
import { Approvals } from './approvals/approvals.js';
import { AccountsSetup } from './accounts-setup.js';
import type { AccountsConfig } from './config.js';
import { DataKeys } from './data-keys.js';
import { ExchangeAccounts } from './exchange-accounts.js';
import {
  committedIsStored,
  storedByReaders,
  POLICY_ACKNOWLEDGEMENT,
  type PolicyAcknowledgement,
} from './policy/policy-acknowledgement.js';
import { UserChanges } from './policy/user-changes.js';
import { RemovedAccounts } from './removed-accounts.js';
import { ApprovalsController } from './rest/approvals.controller.js';
import { ExchangeAccountsController } from './rest/exchange-accounts.controller.js';
import { FlattenRequestController } from './rest/flatten-request.controller.js';
import { IntrospectionController } from './rest/introspection.controller.js';
import { KeysController } from './rest/keys.controller.js';
import { SubscriptionsController } from './rest/subscriptions.controller.js';
import { TokensController } from './rest/tokens.controller.js';
import { TradingStateController } from './rest/trading-state.controller.js';
import { UsersController } from './rest/users.controller.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import { Tokens } from './tokens.js';
import { stateMetrics } from './trading-state/state-metrics.js';
import { StateReportsConsumer } from './trading-state/state-reports.consumer.js';
import { StateTeller } from './trading-state/state-teller.js';
import { TradingStates } from './trading-state/trading-states.js';
import { Users } from './users.js';

@Module({})
export class AccountsModule {}

export const accountsModule = (context: ServiceContext<AccountsConfig>): DynamicModule => {
  const { config, db, log, logger } = context;
  stateMetrics(context.metrics, db);
  return {
    module: AccountsModule,
    controllers: [
      UsersController,
      ExchangeAccountsController,
      ApprovalsController,
      TokensController,
      SubscriptionsController,
      KeysController,
      IntrospectionController,
      FlattenRequestController,
      TradingStateController,
      StateReportsConsumer,
    ],
    providers: [
      ...tradingStates(context),
      {
        provide: KeyRing,
        useFactory: () =>
          openKeyRing({ keys: config.keys, file: config.keyFile, create: config.createKeyFile, vault: config.vault }),
      },
      {
        provide: DataKeys,
        inject: [KeyRing],
        // A thousand users' keys are not waited for one by one: what is committed reaches the stages.
        useFactory: (keys: KeyRing) => new DataKeys(db, changesWith(context, committedIsStored), keys, logger),
      },
      { provide: POLICY_ACKNOWLEDGEMENT, useValue: storedByReaders(log) },
      {
        provide: UserChanges,
        inject: [POLICY_ACKNOWLEDGEMENT],
        useFactory: (acknowledgement: PolicyAcknowledgement) => changesWith(context, acknowledgement),
      },
      {
        provide: Users,
        inject: [UserChanges, KeyRing],
        useFactory: (changes: UserChanges, keys: KeyRing) => new Users(db, changes, keys),
      },
      {
        provide: ExchangeAccounts,
        inject: [UserChanges, KeyRing],
        useFactory: (changes: UserChanges, keys: KeyRing) => new ExchangeAccounts(db, changes, keys),
      },
      {
        provide: Approvals,
        inject: [UserChanges],
        useFactory: (changes: UserChanges) => new Approvals(db, log, changes, config.approvals),
      },
      { provide: Tokens, inject: [UserChanges], useFactory: (changes: UserChanges) => new Tokens(db, changes) },
      {
        provide: Subscriptions,
        inject: [UserChanges],
        useFactory: (changes: UserChanges) => new Subscriptions(db, changes),
      },
      { provide: INTROSPECTOR, useExisting: Tokens },
      {
        provide: AccountsSetup,
        inject: [KeyRing],
        useFactory: (keys: KeyRing) => {
          // It runs before the stages do: there is nobody to wait for.
          const changes = changesWith(context, committedIsStored);
          return new AccountsSetup(
            new Users(db, changes, keys),
            new Tokens(db, changes),
            new ExchangeAccounts(db, changes, keys),
            new Subscriptions(db, changes),
          );
        },
      },
      {
        provide: RemovedAccounts,
        useFactory: () =>
          new RemovedAccounts(db, changesWith(context, committedIsStored), config.removedKeysRetentionS, logger),
      },
    ],
    exports: [AccountsSetup],
  };
};

const tradingStates = ({ config, db, log, logger }: ServiceContext<AccountsConfig>): readonly Provider[] => {
  const { venues, stateAcknowledgeTimeoutMs: acknowledgeTimeoutMs, stateRepeatMs: repeatMs } = config;
  const wakers: (() => void)[] = [];
  const onChange = (): void => {
    for (const wake of wakers) wake();
  };
  return [
    {
      provide: TradingStates,
      useFactory: () => new TradingStates({ db, log, logger, venues, acknowledgeTimeoutMs, onChange }),
    },
    {
      provide: StateTeller,
      inject: [TradingStates],
      useFactory: (states: TradingStates) => {
        const teller = new StateTeller({ db, log, states, logger, repeatMs });
        wakers.push(() => {
          teller.wake();
        });
        return teller;
      },
    },
  ];
};

const changesWith = (
  { config, db, log, metrics }: ServiceContext<AccountsConfig>,
  acknowledgement: PolicyAcknowledgement,
): UserChanges => {
  const changes = counter(metrics, { name: 'accounts_changes_total', help: 'Changes of users that were stored.' });
  return new UserChanges({
    db,
    log,
    acknowledgement,
    acknowledgeTimeoutMs: config.acknowledgeTimeoutMs,
    onChange: () => {
      changes.inc();
    },
  });
};
