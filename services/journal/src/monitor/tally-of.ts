import type { ServiceContext } from '@switchyard/runtime';
import type { JournalConfig } from '../config.js';
import { MonitorTally } from './monitor-tally.js';

const tallies = new WeakMap<ServiceContext<JournalConfig>, MonitorTally>();

/** The tally of a running journal: its stage counts, its monitor looks. */
export const tallyOf = (context: ServiceContext<JournalConfig>): MonitorTally => {
  let tally = tallies.get(context);
  if (tally === undefined) {
    tally = new MonitorTally(context.config.monitor.windowS);
    tallies.set(context, tally);
  }
  return tally;
};
