import type { OutgoingEvent } from '@switchyard/log';
import type { Tx } from '@switchyard/persistence';

/** The log's part of a transaction of this database. */
export interface EventAppender {
  append(tx: Tx, events: readonly OutgoingEvent[]): Promise<void>;
}
