import type { EventLog } from '@switchyard/log';

/** Tells who reads or owns a deployment's shards that something was stored there that the log's own `append` did not store. */
export type Announce = (deployment: string, topics: readonly string[]) => void;

interface AnnouncingLog {
  readonly announce: Announce;
}

/** The log's own way of telling; a log without one is polled, which is slower and loses nothing. */
export const announcer = (log: EventLog<never>): Announce => {
  const able = log as Partial<AnnouncingLog> & EventLog<never>;
  return (deployment, topics) => {
    able.announce?.(deployment, topics);
  };
};
