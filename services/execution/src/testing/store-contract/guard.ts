import { describe, expect, it } from '@jest/globals';
import type { OutgoingEvent } from '@switchyard/log';
import { until } from '@switchyard/testing';
import type { Bucket } from '../../guard/bucket.js';
import type { GuardStore } from '../../ports/guard-store.js';
import type { StoreFixture } from './fixture.js';

const bucket = (common: number): Bucket => ({ common, polls: 1, atMs: 5, room: { left: 3, untilMs: 9 } });
const opening: OutgoingEvent = { topic: 'SystemError', type: 'SystemError', key: 's', payload: {}, cause: { id: 'c' } };
const open = { state: 'open', untilMs: 1_000 } as const;

export const guardContract = (fixture: () => StoreFixture): void => {
  describe('what replicas know together of calling the venue', () => {
    const both = (): Promise<readonly [GuardStore, GuardStore]> => Promise.all([fixture().guard(), fixture().guard()]);

    it('is nothing at first: a closed circuit, and no bucket', async () => {
      const [one] = await both();
      const view = await one.read(['address/x']);
      expect(view.circuit).toEqual({ version: 0, value: { state: 'closed', failures: 0 } });
      expect(view.scopes).toEqual([{ scope: 'address/x', version: 0, bucket: undefined, closedUntilMs: 0 }]);
    });

    it('are buckets that are written all or none, by who has read what there is', async () => {
      const [one, other] = await both();
      const first = [
        { scope: 'a', version: 0, bucket: bucket(1) },
        { scope: 'b', version: 0, bucket: bucket(2) },
      ];
      expect(await one.writeBuckets(first)).toBe(2);
      expect(await other.writeBuckets([{ scope: 'a', version: 1, bucket: bucket(7) }])).toBe(1);
      const late = [
        { scope: 'a', version: 1, bucket: bucket(8) },
        { scope: 'b', version: 1, bucket: bucket(8) },
      ];
      expect(await one.writeBuckets(late)).toBe(0);
      const { scopes } = await one.read(['a', 'b']);
      expect(scopes.toSorted((x, y) => (x.scope < y.scope ? -1 : 1))).toEqual([
        { scope: 'a', version: 2, bucket: bucket(7), closedUntilMs: 0 },
        { scope: 'b', version: 1, bucket: bucket(2), closedUntilMs: 0 },
      ]);
    });

    it('is a circuit that one changes at a time, and tells of it once', async () => {
      const [one, other] = await both();
      const wrote = await Promise.all([one, other].map((store) => store.writeCircuit(0, open, [opening])));
      expect(wrote.toSorted()).toEqual([false, true]);
      expect(await one.writeCircuit(0, open, [opening])).toBe(false);
      expect((await other.read([])).circuit).toEqual({ version: 1, value: open });
      expect(await fixture().events()).toEqual(['SystemError']);
    });

    it('is how long a scope stays away: a shorter wait cuts no longer one', async () => {
      const [one, other] = await both();
      await one.close('a', 60_000);
      await other.close('a', 10);
      const { nowMs, scopes } = await other.read(['a']);
      expect((scopes[0]?.closedUntilMs ?? 0) - nowMs).toBeGreaterThan(1_000);
    });

    it('are the calls that each of them made of late, told to whoever tells its own', async () => {
      const [one, other] = await both();
      const calls = (placed: number) => ({ placed, calls: 2, failures: 0.5, tookMs: [10, 20] });
      expect(await one.tellCalls('one', calls(1))).toEqual([calls(1)]);
      expect(await other.tellCalls('other', calls(7))).toEqual([calls(7), calls(1)]);
      expect(await one.tellCalls('one', calls(2))).toEqual([calls(2), calls(7)]);
      expect(await other.callsOfOthers('other')).toEqual([calls(2)]);
    });

    it('is announced to the others', async () => {
      const [one, other] = await both();
      let heard = 0;
      const unlisten = await other.onAnnounced(() => (heard += 1));
      await one.announce();
      await until(() => heard === 1);
      await unlisten();
    });
  });
};
