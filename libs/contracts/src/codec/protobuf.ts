import { createFileRegistry, fromBinary, toBinary, type DescMessage } from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { EVENTS, type EventOf, type EventType } from '../topics.js';
import { DESCRIPTORS } from './gen/descriptors.js';
import { planOf, type Plan } from './plan.js';
import { shapeOf } from './schema-shape.js';

const PACKAGE = 'switchyard.v1';

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, base64Decode(DESCRIPTORS)));

/** The descriptor of an event's message: `switchyard.v1.OrderFilled`. */
export const messageOf = (type: EventType): DescMessage => {
  const desc = registry.getMessage(`${PACKAGE}.${type}`);
  if (!desc) throw new Error(`proto/ has no message for ${type}.`);
  return desc;
};

/** The plan of an event type; throws where its schema and its message differ. */
export const planOfEvent = (type: EventType): Plan => {
  const shape = shapeOf(EVENTS[type].schema);
  if (shape.kind !== 'object') throw new Error(`${type} is not an object.`);
  return planOf(shape.fields, messageOf(type), type);
};

const plans = new Map<EventType, { readonly desc: DescMessage; readonly plan: Plan }>();

const prepared = (type: EventType): { readonly desc: DescMessage; readonly plan: Plan } => {
  const known = plans.get(type);
  if (known) return known;
  const made = { desc: messageOf(type), plan: planOfEvent(type) };
  plans.set(type, made);
  return made;
};

/** The protobuf form of an event that its schema has accepted. Throws (a bug of the caller) on one that it would not accept. */
export const encodeProtobuf = <T extends EventType>(type: T, value: EventOf<T>): Uint8Array => {
  const { desc, plan } = prepared(type);
  return toBinary(desc, plan.encode(value));
};

/**
 * The JSON form of an event's message. What was not sent is absent, unknown fields are dropped; whether the values are
 * acceptable is the schema's to say (`parseEvent`). Throws where the bytes are no protobuf message.
 */
export const decodeProtobuf = (type: EventType, bytes: Uint8Array): unknown => {
  const { desc, plan } = prepared(type);
  return plan.decode(fromBinary(desc, bytes, { readUnknownFields: false }));
};
