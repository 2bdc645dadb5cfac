import { create, isFieldSet, ScalarType, type DescField, type DescMessage, type Message } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import type { z } from 'zod';
import { shapeOf, withoutOptional, type Shape } from './schema-shape.js';

/**
 * How the values of one schema become messages of one descriptor and back. Made once per event type from both, and refused
 * (an Error that names the field) where they don't describe the same thing: a field that only one of them has, another type,
 * an enum value too many or too few. So schema and proto can't drift apart without the codec saying so.
 */
export interface Plan {
  /** Throws where the value is not of the schema: what we send was checked before. */
  encode(value: unknown): Message;
  /** What was not sent is absent. What a schema will refuse (an unknown enum number) comes out as something it refuses. */
  decode(message: Message): Record<string, unknown>;
}

/** One value's way to its protobuf form and back. */
interface Codec {
  encode(value: unknown, path: string): unknown;
  /** `undefined` stands for "absent". */
  decode(value: unknown): unknown;
}

type Members = Record<string, unknown>;

const INT32_MAX = 2_147_483_647;

const drift = (path: string, why: string): Error => new Error(`Schema and proto differ at ${path}: ${why}.`);

const same: Codec = { encode: (value) => value, decode: (value) => value };

/** JSON as JSON.stringify would write it: undefined dropped, NaN and infinities null. */
const struct: Codec = {
  encode: (value) => JSON.parse(JSON.stringify(value)) as unknown,
  decode: (value) => value,
};

const wholeNumber64: Codec = { encode: (value) => BigInt(value as number), decode: (value) => Number(value) };

const enumOf = (values: readonly string[], field: DescField & { readonly enum: object }, path: string): Codec => {
  const desc = (field as DescField & { readonly fieldKind: 'enum' }).enum;
  const prefix = desc.sharedPrefix ?? '';
  const names = new Map<number, string>();
  const numbers = new Map<string, number>();
  for (const { name, number } of desc.values) {
    if (number === 0) continue;
    const text = name.slice(prefix.length).toLowerCase();
    names.set(number, text);
    numbers.set(text, number);
  }
  const missing = values.filter((value) => !numbers.has(value));
  const surplus = [...numbers.keys()].filter((value) => !values.includes(value));
  if (missing.length > 0) throw drift(path, `${desc.name} lacks ${missing.join(', ')}`);
  if (surplus.length > 0) throw drift(path, `the schema lacks ${surplus.join(', ')}`);
  return {
    encode: (value, at) => {
      const number = numbers.get(value as string);
      if (number === undefined) throw new Error(`${at} is not one of ${values.join(', ')}`);
      return number;
    },
    decode: (number) => (number === 0 ? undefined : (names.get(number as number) ?? number)),
  };
};

const instantOf = (desc: DescMessage): Codec => ({
  encode: (value, path) => {
    const ms = Date.parse(value as string);
    if (Number.isNaN(ms)) throw new Error(`${path} is not a time`);
    const seconds = Math.floor(ms / 1000);
    return create(desc, { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1_000_000 });
  },
  decode: (value) => {
    const { seconds, nanos } = value as { readonly seconds: bigint; readonly nanos: number };
    const time = new Date(Number(seconds) * 1000 + Math.floor(nanos / 1_000_000));
    return Number.isNaN(time.getTime()) ? `${seconds.toString()} s` : time.toISOString();
  },
});

/** The only field of a message that stands for a list or map whose absence has a meaning: `values`. */
const wrapped = (desc: DescMessage, kind: 'list' | 'map'): DescField | undefined => {
  const [field, ...others] = desc.fields;
  return others.length === 0 && field?.localName === 'values' && field.fieldKind === kind ? field : undefined;
};

const wrapperOf = (desc: DescMessage, values: Codec): Codec => ({
  encode: (value, path) => create(desc, { values: values.encode(value, path) }),
  decode: (message) => values.decode((message as { readonly values: unknown }).values),
});

const objectOf = (fields: Readonly<Record<string, z.ZodType>>, desc: DescMessage, path: string): Codec => {
  const plan = planOf(fields, desc, path);
  return {
    encode: (value) => plan.encode(value),
    decode: (message) => plan.decode(message as Message),
  };
};

/** `["64000.00", "0.5"]` as a message whose fields are the places, in order. */
const tupleOf = (items: readonly z.ZodType[], desc: DescMessage, path: string): Codec => {
  const names = desc.fields.map((field) => field.jsonName);
  if (names.length !== items.length) throw drift(path, `${desc.name} has ${names.length} places`);
  const plan = planOf(Object.fromEntries(names.map((name, place) => [name, items[place] as z.ZodType])), desc, path);
  return {
    encode: (value) => plan.encode(Object.fromEntries(names.map((name, i) => [name, (value as unknown[])[i]]))),
    decode: (message) => {
      const members = plan.decode(message as Message);
      return names.map((name) => members[name] ?? null);
    },
  };
};

const isScalar = (field: DescField, ...types: readonly ScalarType[]): boolean =>
  field.scalar !== undefined && types.includes(field.scalar);

/** The codec of one value: of a field, or of one element of a list or map. Undefined where the proto has another type there. */
const single = (shape: Shape, field: DescField, path: string): Codec | undefined => {
  const message = field.message;
  switch (shape.kind) {
    case 'text':
      return isScalar(field, ScalarType.STRING) ? same : undefined;
    case 'boolean':
      return isScalar(field, ScalarType.BOOL) ? same : undefined;
    case 'number':
      if (!shape.integer) return isScalar(field, ScalarType.DOUBLE) ? same : undefined;
      if (isScalar(field, ScalarType.INT64)) return wholeNumber64;
      return isScalar(field, ScalarType.INT32) && shape.max <= INT32_MAX ? same : undefined;
    case 'enum':
      return field.enum ? enumOf(shape.values, field, path) : undefined;
    case 'instant':
      return message?.typeName === 'google.protobuf.Timestamp' ? instantOf(message) : undefined;
    case 'struct':
      return message?.typeName === 'google.protobuf.Struct' ? struct : undefined;
    case 'tuple':
      return message ? tupleOf(shape.items, message, path) : undefined;
    case 'object':
      return message ? objectOf(shape.fields, message, path) : undefined;
    case 'list':
    case 'map':
      return undefined;
  }
};

const many = (shape: Shape & { readonly kind: 'list' | 'map' }, field: DescField, path: string): Codec | undefined => {
  if (field.fieldKind !== shape.kind) return undefined;
  const each = single(shapeOf(shape.kind === 'list' ? shape.element : shape.value), field, `${path}[]`);
  if (!each) return undefined;
  if (shape.kind === 'list') {
    return {
      encode: (value, at) => (value as unknown[]).map((item, i) => each.encode(item, `${at}[${i}]`)),
      // An element can't be absent: what would be is left as null, which no schema takes.
      decode: (value) => (value as unknown[]).map((item) => each.decode(item) ?? null),
    };
  }
  const entries = (value: unknown, convert: (item: unknown) => unknown): Members =>
    Object.fromEntries(Object.entries(value as Members).map(([key, item]) => [key, convert(item)]));
  return {
    encode: (value, at) => entries(value, (item) => each.encode(item, `${at}[]`)),
    decode: (value) => entries(value, (item) => each.decode(item) ?? null),
  };
};

const fieldCodec = (schema: z.ZodType, field: DescField, path: string): Codec => {
  const { schema: inner, optional } = withoutOptional(schema);
  const shape = shapeOf(inner);
  if (shape.kind === 'list' || shape.kind === 'map') {
    const wrapper = field.fieldKind === 'message' ? wrapped(field.message, shape.kind) : undefined;
    if (optional !== (wrapper !== undefined)) {
      throw drift(path, optional ? 'absent and empty must be told apart: wrap it' : 'it is never absent: no wrapper');
    }
    const codec = many(shape, wrapper ?? field, path);
    if (!codec) throw drift(path, `the schema has a ${shape.kind}, the proto another type`);
    return wrapper ? wrapperOf(field.message as DescMessage, codec) : codec;
  }
  if (field.fieldKind === 'list' || field.fieldKind === 'map') throw drift(path, `the proto has a ${field.fieldKind}`);
  if (field.presence === FeatureSet_FieldPresence.IMPLICIT) {
    throw drift(path, 'the proto can\'t tell its absence from zero: write "optional"');
  }
  const codec = single(shape, field, path);
  if (!codec) throw drift(path, `the schema has ${shape.kind}, the proto another type`);
  return codec;
};

interface Member {
  readonly name: string;
  readonly path: string;
  readonly field: DescField;
  readonly codec: Codec;
  readonly required: boolean;
}

const put = (init: Members, { field }: Member, value: unknown): void => {
  if (field.oneof) init[field.oneof.localName] = { case: field.localName, value };
  else init[field.localName] = value;
};

const take = (message: Message, { field }: Member): unknown => {
  const members = message as unknown as Members;
  if (field.fieldKind === 'list' || field.fieldKind === 'map') return members[field.localName];
  if (!isFieldSet(message, field)) return undefined;
  return field.oneof ? (members[field.oneof.localName] as { readonly value: unknown }).value : members[field.localName];
};

/** The plan of a schema's fields and a message; throws where they differ. `path` names the message in errors. */
export const planOf = (fields: Readonly<Record<string, z.ZodType>>, desc: DescMessage, path: string): Plan => {
  const byName = new Map(desc.fields.map((field) => [field.jsonName, field]));
  const surplus = [...byName.keys()].filter((name) => !Object.hasOwn(fields, name));
  if (surplus.length > 0) throw drift(path, `the schema lacks ${surplus.join(', ')}`);
  const members = Object.entries(fields).map(([name, schema]): Member => {
    const field = byName.get(name);
    const at = `${path}.${name}`;
    if (!field) throw drift(at, `${desc.name} has no such field`);
    return { name, path: at, field, codec: fieldCodec(schema, field, at), required: !withoutOptional(schema).optional };
  });
  return {
    encode(value) {
      const given = value as Members;
      const init: Members = {};
      for (const member of members) {
        const part = given[member.name];
        if (part !== undefined) put(init, member, member.codec.encode(part, member.path));
        else if (member.required) throw new Error(`${member.path} is missing`);
      }
      return create(desc, init);
    },
    decode(message) {
      const value: Members = {};
      for (const member of members) {
        const part = take(message, member);
        const decoded = part === undefined ? undefined : member.codec.decode(part);
        if (decoded !== undefined) value[member.name] = decoded;
      }
      return value;
    },
  };
};
