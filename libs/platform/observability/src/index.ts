export {
  LatencyProfiler,
  type LatencyProfilerOptions,
  type LatencySummary,
  type LatencyWindow,
  type ProfiledStage,
} from './latency-profiler.js';
export { LatencySketch, SKETCH_LAYOUT, type SketchFigures } from './latency-sketch.js';
export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export {
  counter,
  createMetrics,
  gauge,
  histogram,
  LATENCY_BUCKETS_S,
  type MetricOptions,
  type Metrics,
  type MetricsOptions,
} from './metrics.js';
export {
  isTraceparent,
  newTraceparent,
  spanFor,
  startTracing,
  type Span,
  type SpanKind,
  type SpanOptions,
  type Tracing,
  type TracingOptions,
} from './tracing.js';
