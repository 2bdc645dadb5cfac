import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '@switchyard/config';
import { processSettings } from './settings.js';

const env = { DATABASE_URL: 'postgres://127.0.0.1/switchyard', SWITCHYARD_KAFKA_SESSION_MS: '3000' };

describe('how long a silent member of a Kafka group lives', () => {
  it('can be set, together with how often it is heard of', () => {
    expect(parseConfig(processSettings, { ...env, SWITCHYARD_KAFKA_HEARTBEAT_MS: '1000' })).toMatchObject({
      ok: true,
      // A fetch waits no longer than a heartbeat, or it would hear too late that it must join again.
      config: { kafkaReading: { sessionMs: 3_000, heartbeatMs: 1_000, maxWaitMs: 1_000 } },
    });
  });

  it('is at least three heartbeats: one may come late', () => {
    expect(parseConfig(processSettings, { ...env, SWITCHYARD_KAFKA_HEARTBEAT_MS: '1001' })).toMatchObject({
      ok: false,
      problems: [{ variable: 'SWITCHYARD_KAFKA_HEARTBEAT_MS' }],
    });
  });
});
