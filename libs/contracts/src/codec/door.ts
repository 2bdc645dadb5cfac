import { EVENTS, type EventType } from '../topics.js';
import { withoutNulls } from './nulls.js';
import { decodeProtobuf } from './protobuf.js';

export type DoorReading =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

const refuse = (problem: string): DoorReading => ({ ok: false, problem });

const asJson = (type: EventType, bytes: Uint8Array): DoorReading => {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refuse('The value is not UTF-8 text.');
  }
  try {
    return { ok: true, value: withoutNulls(EVENTS[type].schema, JSON.parse(text)) };
  } catch {
    return refuse(text.trim() === '' ? 'The value is empty.' : 'The value is not JSON.');
  }
};

const asProtobuf = (type: EventType, bytes: Uint8Array): DoorReading => {
  try {
    return { ok: true, value: decodeProtobuf(type, bytes) };
  } catch {
    return refuse(`The value is not a protobuf message ${type}.`);
  }
};

/**
 * Reads a record that a stranger wrote, without judging its content (that is `parseEvent`'s). JSON unless the content type
 * says `application/protobuf`. Null fields and fields we don't know are left out. Never throws: what can't be read at all
 * comes back as one sentence, which quotes nothing of what was sent.
 */
export const decodeDoor = (type: EventType, contentType: string | undefined, bytes: Uint8Array): DoorReading => {
  const [essence = ''] = (contentType ?? '').split(';', 1);
  switch (essence.trim().toLowerCase()) {
    case '':
    case 'application/json':
      return asJson(type, bytes);
    case 'application/protobuf':
    case 'application/x-protobuf':
      return asProtobuf(type, bytes);
    default:
      return refuse('The content-type is neither application/json nor application/protobuf.');
  }
};
