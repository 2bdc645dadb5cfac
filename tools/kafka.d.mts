/** A Kafka that was started here. Nodes are numbered from 1. */
export interface LocalKafka {
  /** `127.0.0.1:9092,...` */
  readonly brokers: string;
  stop(): Promise<void>;
  kill(node: number): Promise<void>;
  /** @param patienceMs default 60,000 */
  restart(node: number, patienceMs?: number): Promise<void>;
}
export function startKafka(options?: {
  nodes?: number;
  dir?: string;
  port?: number;
  advertise?: readonly number[];
  log?: (line: string) => void;
}): Promise<LocalKafka>;
/** Whether a Kafka can be started here, whatever KAFKA_BROKERS names. */
export function kafkaStartable(): boolean;
export function kafkaAvailable(): { available: true } | { available: false; reason: string };
