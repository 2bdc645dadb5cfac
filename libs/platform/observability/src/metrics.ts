import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** A service's own prom-client registry. */
export type Metrics = Registry;

export interface MetricsOptions {
  readonly service: string;
  /** Memory, event loop and garbage collection of the process: asked for by one registry a process. Default true. */
  readonly process?: boolean;
}

/** Every sample carries the label `service`. */
export const createMetrics = ({ service, process = true }: MetricsOptions): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  // The default precision of 10 ms wakes an idle process a hundred times a second.
  if (process) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  return registry;
};

export interface MetricOptions<Label extends string> {
  /** Without `switchyard_`; a counter's ends in `_total`, anything with a unit in its unit: `_seconds`, `_bytes`, `_ratio`. */
  readonly name: string;
  readonly help: string;
  /** Names of few values each: never users, orders or signals. */
  readonly labels?: readonly Label[];
}

const PREFIX = 'switchyard_';
const NAME = /^[a-z][a-z0-9_]*$/;

/** Seconds, from half a millisecond to half a minute. */
export const LATENCY_BUCKETS_S: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** The counter of that name, made at the first call. */
export const counter = <Label extends string = never>(
  metrics: Metrics,
  options: MetricOptions<Label>,
): Counter<Label> => (known(metrics, options) as Counter<Label> | undefined) ?? new Counter(configOf(metrics, options));

/** The histogram of that name, made at the first call. Buckets are upper bounds, by default latencies in seconds. */
export const histogram = <Label extends string = never>(
  metrics: Metrics,
  options: MetricOptions<Label> & { readonly buckets?: readonly number[] },
): Histogram<Label> =>
  (known(metrics, options) as Histogram<Label> | undefined) ??
  new Histogram({ ...configOf(metrics, options), buckets: [...(options.buckets ?? LATENCY_BUCKETS_S)] });

/** The gauge of that name, made at the first call; `collect` sets it when somebody asks, so that it costs nothing in between. */
export const gauge = <Label extends string = never>(
  metrics: Metrics,
  options: MetricOptions<Label> & { readonly collect?: (gauge: Gauge<Label>) => void | Promise<void> },
): Gauge<Label> => {
  const { collect } = options;
  return (
    (known(metrics, options) as Gauge<Label> | undefined) ??
    new Gauge<Label>({
      ...configOf(metrics, options),
      ...(collect && {
        collect(this: Gauge<Label>) {
          return collect(this);
        },
      }),
    })
  );
};

const known = (metrics: Metrics, { name }: MetricOptions<string>): unknown => metrics.getSingleMetric(PREFIX + name);

const configOf = <Label extends string>(metrics: Metrics, { name, help, labels = [] }: MetricOptions<Label>) => {
  if (!NAME.test(name) || name.startsWith(PREFIX))
    throw new Error(`"${name}" can't name a metric: lower-case words with _, and no prefix.`);
  return { name: PREFIX + name, help, labelNames: [...labels], registers: [metrics] };
};
