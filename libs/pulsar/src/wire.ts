import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** One field of a message of the protocol: its number, and how its value is written and read. */
interface Field<Value> {
  readonly number: number;
  readonly wireType: WireType;
  write(writer: BinaryWriter, value: Value): void;
  /** @param before what earlier occurrences of the field made */
  read(reader: BinaryReader, before: Value | undefined): Value;
}

type ValueOf<AnyField> = AnyField extends Field<infer Value> ? Value : never;

/** A message's fields; all of them may be absent. */
export type Fields<Shape> = { readonly [Name in keyof Shape]?: ValueOf<Shape[Name]> | undefined };

/** A kind of message in the encoding of Protocol Buffers, with the fields that are used here. */
export interface Message<Shape> {
  encode(fields: Fields<Shape>): Uint8Array;
  /** Unknown fields are passed over. @throws when the bytes are no such message */
  decode(bytes: Uint8Array): Fields<Shape>;
}

/** What `decode` of a kind of message gives. */
export type Decoded<Kind> = Kind extends Message<infer Shape> ? Fields<Shape> : never;

export function message<Shape extends object>(shape: Shape): Message<Shape> {
  const entries = Object.entries(shape) as [string, Field<unknown>][];
  const byNumber = new Map(entries.map(([name, field]) => [field.number, { name, field }]));
  return {
    encode(fields) {
      const writer = new BinaryWriter();
      for (const [name, field] of entries) {
        const value = (fields as Record<string, unknown>)[name];
        if (value !== undefined) field.write(writer, value);
      }
      return writer.finish();
    },
    decode(bytes) {
      const reader = new BinaryReader(bytes);
      const found: Record<string, unknown> = {};
      while (reader.pos < reader.len) {
        const [number, wireType] = reader.tag();
        const known = byNumber.get(number);
        if (known?.field.wireType !== wireType) reader.skip(wireType, number);
        else found[known.name] = known.field.read(reader, found[known.name]);
      }
      return found as Fields<Shape>;
    },
  };
}

/** A whole number below 2^53, such as a count, an enumeration's value or Unix milliseconds. */
export function number(fieldNumber: number): Field<number> {
  return {
    number: fieldNumber,
    wireType: WireType.Varint,
    write: (writer, value) => writer.tag(fieldNumber, WireType.Varint).int64(value),
    read: (reader) => Number(BigInt.asIntN(64, BigInt(reader.uint64()))),
  };
}

/** 64 bits without a sign. */
export function unsigned(fieldNumber: number): Field<bigint> {
  return {
    number: fieldNumber,
    wireType: WireType.Varint,
    write: (writer, value) => writer.tag(fieldNumber, WireType.Varint).uint64(value),
    read: (reader) => BigInt(reader.uint64()),
  };
}

export function flag(fieldNumber: number): Field<boolean> {
  return {
    number: fieldNumber,
    wireType: WireType.Varint,
    write: (writer, value) => writer.tag(fieldNumber, WireType.Varint).bool(value),
    read: (reader) => reader.bool(),
  };
}

export function text(fieldNumber: number): Field<string> {
  return {
    number: fieldNumber,
    wireType: WireType.LengthDelimited,
    write: (writer, value) => writer.tag(fieldNumber, WireType.LengthDelimited).string(value),
    read: (reader) => reader.string(),
  };
}

export function bytes(fieldNumber: number): Field<Uint8Array> {
  return {
    number: fieldNumber,
    wireType: WireType.LengthDelimited,
    write: (writer, value) => writer.tag(fieldNumber, WireType.LengthDelimited).bytes(value),
    read: (reader) => reader.bytes(),
  };
}

export function nested<Shape>(fieldNumber: number, kind: Message<Shape>): Field<Fields<Shape>> {
  const raw = bytes(fieldNumber);
  return {
    ...raw,
    write: (writer, value) => raw.write(writer, kind.encode(value)),
    read: (reader) => kind.decode(reader.bytes()),
  };
}

/** Any number of occurrences of a field. */
export function several<Value>(field: Field<Value>): Field<readonly Value[]> {
  return {
    number: field.number,
    wireType: field.wireType,
    write: (writer, values) => values.forEach((value) => field.write(writer, value)),
    read: (reader, before = []) => [...before, field.read(reader, undefined)],
  };
}
