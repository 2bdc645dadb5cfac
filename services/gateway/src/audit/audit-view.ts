import { payloadOf, type AuditRecord } from '../journal/audit-record.js';
import { present } from '../orders/order-view.js';

/**
 * A line of the audit trail. `payload` is what the event said; where its bytes can't be read, `base64` holds them as they came.
 */
export const auditView = (record: AuditRecord) => {
  const payload = payloadOf(record);
  return {
    chain: record.chain,
    row: record.row,
    topic: record.topic,
    key: record.key,
    eventId: record.eventId,
    type: record.type,
    sequence: record.sequence,
    time: record.time,
    recordedAt: record.recordedAt.toISOString(),
    hash: record.hash.toString('hex'),
    ...present({
      userId: record.userId,
      signalId: record.signalId,
      source: record.source,
      causationId: record.causationId,
      contentType: record.contentType,
      reason: record.reason,
    }),
    ...(payload === undefined ? { base64: record.value.toString('base64') } : { payload }),
  };
};
export type AuditView = Readonly<ReturnType<typeof auditView>>;
