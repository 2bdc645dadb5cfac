import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import {
  cachedIntrospector,
  cachedWebhookIntrospector,
  httpIntrospector,
  httpWebhookIntrospector,
  INTROSPECTOR,
  ProblemFilter,
} from '@switchyard/http';
import { TradingStateBoard } from '@switchyard/model';
import { FollowedStates, Health, announcer, type ServiceContext } from '@switchyard/runtime';
import { ApprovalsController } from './accounts/approvals.controller.js';
import { AccountsProxyController } from './accounts/accounts-proxy.controller.js';
import { AccountsProxy } from './accounts/accounts-proxy.js';
import { AuditController } from './audit/audit.controller.js';
import type { GatewayConfig } from './config.js';
import { DeadLetters } from './failed/dead-letters.js';
import { FailedController } from './failed/failed.controller.js';
import { FailedOrders } from './failed/failed-orders.js';
import { FailedWork } from './failed/failed-work.js';
import { ParkedKeys } from './failed/parked-keys.js';
import { ExecutionController } from './execution/execution.controller.js';
import { ExecutionFigures } from './execution/execution-figures.js';
import { ExecutionMonitor } from './execution/execution-monitor.js';
import { VenueBoard } from './execution/venue-board.js';
import { Latencies } from './latency/latencies.js';
import { LatencyController } from './latency/latency.controller.js';
import { AuditTrail } from './journal/audit-trail.js';
import { admissionSize, streamClients, streamDropped } from './metrics.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { RootController } from './openapi/root.controller.js';
import { OrdersController } from './orders/orders.controller.js';
import { OrderRequests } from './orders/order-requests.js';
import { Orders } from './orders/orders.js';
import { PortfolioController } from './portfolio/portfolio.controller.js';
import { Portfolio } from './portfolio/portfolio.js';
import { ReferenceData } from './reference-data.js';
import { AdmissionBatcher } from './signals/admission-batcher.js';
import { ListedMarket } from './market/listed-market.js';
import { MicrostructureController } from './market/microstructure.controller.js';
import { PostgresAdmission } from './signals/postgres-admission.js';
import { SIGNAL_ADMISSION, type SignalAdmission } from './signals/signal-admission.js';
import { SignalIntake } from './signals/signal-intake.js';
import { SignalsController } from './signals/signals.controller.js';
import { StrategiesController } from './signals/strategies.controller.js';
import { SignalStories } from './stories/signal-stories.js';
import { StrategyStories } from './stories/strategy-stories.js';
import { EventStream } from './stream/event-stream.js';
import { StreamController } from './stream/stream.controller.js';
import { TrailTail } from './stream/trail-tail.js';
import { FlattenRuns } from './trading-state/flatten-runs.js';
import { TradingStateController } from './trading-state/trading-state.controller.js';
import { TradingViewAlerts } from './webhooks/tradingview-alerts.js';
import { TradingViewController } from './webhooks/tradingview.controller.js';
import { WebhookCallers } from './webhooks/webhook-callers.js';
import { WebhookUrls } from './webhooks/webhook-url.js';

@Module({})
export class GatewayModule {}

export const gatewayModule = (context: ServiceContext<GatewayConfig>): DynamicModule => ({
  module: GatewayModule,
  controllers: [
    SignalsController,
    StrategiesController,
    TradingViewController,
    OrdersController,
    PortfolioController,
    AuditController,
    StreamController,
    FailedController,
    ExecutionController,
    MicrostructureController,
    LatencyController,
    ApprovalsController,
    AccountsProxyController,
    TradingStateController,
    OpenApiController,
    RootController,
  ],
  providers: [...doors(context), ...webhooks(context), ...readers(context), ...reference(context)],
});

/** The journal's channel for news; see services/journal/README.md. */
const NEWS_CHANNEL = 'journal_news';

const doors = ({ config, db, log, logger, metrics }: ServiceContext<GatewayConfig>): readonly Provider[] => [
  { provide: APP_FILTER, useFactory: () => new ProblemFilter(logger) },
  {
    provide: INTROSPECTOR,
    useFactory: () =>
      cachedIntrospector(httpIntrospector({ baseUrl: config.accountsUrl }), { ttlMs: config.tokenCacheMs }),
  },
  { provide: OrderRequests, useFactory: () => new OrderRequests(db, log) },
  { provide: AccountsProxy, useFactory: () => new AccountsProxy(config.accountsUrl) },
  {
    provide: FlattenRuns,
    useFactory: (admission: SignalAdmission, states: TradingStateBoard) =>
      new FlattenRuns({ db, admission, states, logger }),
    inject: [SIGNAL_ADMISSION, TradingStateBoard],
  },
  {
    provide: FailedWork,
    useFactory: () =>
      new FailedWork(db, log, announcer(log), [
        new ParkedKeys(db),
        new DeadLetters(db, config.partitions),
        new FailedOrders(db),
      ]),
  },
  {
    provide: SIGNAL_ADMISSION,
    useFactory: () => new PostgresAdmission(db, config.partitions, config.userMaxParked, announcer(log)),
  },
  {
    provide: AdmissionBatcher,
    useFactory: (admission: SignalAdmission) => {
      const size = admissionSize(metrics);
      return new AdmissionBatcher(admission, config.intake, (signals) => {
        size.observe(signals);
      });
    },
    inject: [SIGNAL_ADMISSION],
  },
  {
    provide: SignalIntake,
    useFactory: (admission: SignalAdmission, batcher: AdmissionBatcher, market: ListedMarket) =>
      new SignalIntake(admission, batcher, market, config),
    inject: [SIGNAL_ADMISSION, AdmissionBatcher, ListedMarket],
  },
];

const webhooks = ({ config, logger }: ServiceContext<GatewayConfig>): readonly Provider[] => [
  {
    provide: WebhookUrls,
    useFactory: (host: HttpAdapterHost) => new WebhookUrls(host, config.webhookMaxBytes),
    inject: [HttpAdapterHost],
  },
  {
    provide: WebhookCallers,
    useFactory: () => {
      const tokens = httpWebhookIntrospector({ baseUrl: config.accountsUrl });
      return new WebhookCallers(
        cachedWebhookIntrospector(tokens, { ttlMs: config.tokenCacheMs }),
        config.webhooks,
        logger,
      );
    },
  },
  {
    provide: TradingViewAlerts,
    useFactory: (intake: SignalIntake, admission: SignalAdmission, market: ListedMarket) =>
      new TradingViewAlerts(intake, admission, market),
    inject: [SignalIntake, SIGNAL_ADMISSION, ListedMarket],
  },
];

const readers = ({ config, db, logger, metrics }: ServiceContext<GatewayConfig>): readonly Provider[] => [
  { provide: AuditTrail, useFactory: () => new AuditTrail(db) },
  {
    provide: SignalStories,
    useFactory: (trail: AuditTrail, admission: SignalAdmission, strategies: StrategyStories) =>
      new SignalStories(trail, admission, strategies),
    inject: [AuditTrail, SIGNAL_ADMISSION, StrategyStories],
  },
  {
    provide: StrategyStories,
    useFactory: (trail: AuditTrail, admission: SignalAdmission) => new StrategyStories(trail, admission),
    inject: [AuditTrail, SIGNAL_ADMISSION],
  },
  { provide: Orders, useFactory: () => new Orders(db) },
  { provide: Portfolio, useFactory: () => new Portfolio(db) },
  { provide: Latencies, useFactory: () => new Latencies(db) },
  { provide: ExecutionFigures, useFactory: () => new ExecutionFigures(db) },
  { provide: ExecutionMonitor, useFactory: () => new ExecutionMonitor(db) },
  {
    provide: EventStream,
    useFactory: () => {
      const clients = streamClients(metrics);
      const dropped = streamDropped(metrics);
      return new EventStream({
        tail: new TrailTail(db),
        listen: (onNews) => db.listen(NEWS_CHANNEL, onNews),
        maxClients: config.streamMaxClients,
        logger,
        observe: (event) => {
          if (event === 'opened') clients.inc();
          else if (event === 'closed') clients.dec();
          else dropped.inc();
        },
      });
    },
  },
];

const reference = ({ config, log }: ServiceContext<GatewayConfig>): readonly Provider[] => [
  { provide: ListedMarket, useFactory: () => new ListedMarket(config.marketFreshMs) },
  {
    provide: VenueBoard,
    useFactory: (market: ListedMarket) => new VenueBoard(config.venues, market),
    inject: [ListedMarket],
  },
  { provide: TradingStateBoard, useFactory: () => new TradingStateBoard() },
  {
    provide: FollowedStates,
    useFactory: (states: TradingStateBoard) => new FollowedStates(log, states),
    inject: [TradingStateBoard],
  },
  {
    provide: ReferenceData,
    useFactory: (market: ListedMarket, board: VenueBoard, proxy: AccountsProxy, health: Health) => {
      // Only a deployment that has never seen a book has none: later, old ones remain.
      const problem = (): string | undefined =>
        market.size === 0 ? 'No market data has been received yet.' : undefined;
      health.add({ name: 'gateway market data', problem });
      return new ReferenceData(log, market, board, proxy);
    },
    inject: [ListedMarket, VenueBoard, AccountsProxy, Health],
  },
];
