import { counter, gauge, histogram, type Metrics } from '@switchyard/observability';

/** Decisions take microseconds; the usual buckets of seconds would put them all in one. */
const DECISION_BUCKETS_S = [0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.01];

export type RoutingMetrics = ReturnType<typeof routingMetrics>;

export const routingMetrics = (metrics: Metrics) => ({
  routed: counter(metrics, {
    name: 'trades_routed_total',
    help: 'Child orders routed.',
    labels: ['venue', 'method', 'algorithm'],
  }),
  refused: counter(metrics, {
    name: 'routing_refused_total',
    help: 'Parent orders that no venue could take.',
    labels: ['code'],
  }),
  failovers: counter(metrics, {
    name: 'routing_failovers_total',
    help: 'Child orders whose place another venue took.',
    labels: ['from', 'to'],
  }),
  splits: counter(metrics, {
    name: 'routing_splits_total',
    help: 'Decisions that split an order over several venues.',
    labels: ['venues'],
  }),
  stranded: gauge(metrics, {
    name: 'routing_stranded_orders',
    help: 'Orders that live at a venue where the deployment trades no more.',
    labels: ['venue'],
  }),
  completed: counter(metrics, {
    name: 'parent_orders_completed_total',
    help: 'Parent orders of which nothing is live any more.',
    labels: ['status'],
  }),
  overfilled: counter(metrics, {
    name: 'parent_orders_overfilled_total',
    help: 'Parent orders of which more was filled than ordered.',
  }),
  late: counter(metrics, {
    name: 'routing_late_events_total',
    help: 'Events of children whose parent was finished, or is not known.',
    labels: ['type'],
  }),
  latency: histogram(metrics, {
    name: 'routing_latency_seconds',
    help: 'Time that one routing decision took.',
    buckets: DECISION_BUCKETS_S,
  }),
});
