import type { AccountPolicyChanged, VenueStatus } from '@switchyard/contracts';
import type { Batch } from '@switchyard/log';
import type { Recorded } from '../adapters/journal-effects.js';

/** Everything that happened is recorded as it came. */
export const onEvent = (batch: Batch): void => {
  let at: Date | undefined;
  let recordedAt = '';
  batch.each((event, unit) => {
    // One transaction has one time.
    if (unit.now !== at) recordedAt = (at = unit.now).toISOString();
    unit.effect({ event, recordedAt } satisfies Recorded);
  });
};

interface Seen {
  readonly version: number;
  readonly standing: string;
}

/**
 * A compacted topic repeats itself: what is recorded is each change, once. Of a venue's status its health counts, not its figures.
 */
export const onChange = (batch: Batch): void => {
  batch.each((event, unit) => {
    const payload = event.payload as AccountPolicyChanged | VenueStatus;
    const seen = unit.get<Seen>(event.topic, event.key);
    if (seen !== undefined && payload.version <= seen.version) return;
    const standing = 'circuitState' in payload ? `${payload.healthy} ${payload.circuitState}` : `${payload.version}`;
    // A venue whose status only ticks on costs nothing: its version is stored with the next change.
    if (standing === seen?.standing) return;
    unit.put(event.topic, event.key, { version: payload.version, standing } satisfies Seen);
    unit.effect({ event, recordedAt: unit.now.toISOString() } satisfies Recorded);
  });
};
