import { Reader } from "../../bytes/reader.ts";
import { Writer } from "../../bytes/writer.ts";
import { AppError } from "../../errors.ts";

/** A value of AMF0. Objects that come from `decodeAmf0` have no prototype, so no key of a peer's can do harm. */
export type AmfValue = number | boolean | string | null | undefined | Date | AmfObject | AmfValue[];
export type AmfObject = { [key: string]: AmfValue };

/** The type markers of the AMF0 specification, section 2.1. */
const Marker = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  reference: 0x07,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xmlDocument: 0x0f,
  typedObject: 0x10,
  amf3: 0x11,
} as const;

/** Payloads that nest deeper or hold more values are refused, by the decoder, which may be told less, and the encoder. */
const MAX_DEPTH = 32;
const MAX_VALUES = 65_536;

/**
 * All values of a payload. ECMA arrays and typed objects become plain objects, XML a string.
 * Throws `amf0.truncated`, `amf0.too-deep`, `amf0.too-many-values`, `amf0.bad-reference`, `amf0.unknown-marker`,
 * `amf0.amf3-not-supported`.
 */
export function decodeAmf0(bytes: Uint8Array, maxValues = MAX_VALUES): AmfValue[] {
  const decoder = new Decoder(bytes, maxValues);
  const values: AmfValue[] = [];
  while (!decoder.isAtEnd()) values.push(decoder.value(0));
  return values;
}

export function encodeAmf0(...values: AmfValue[]): Uint8Array {
  const encoder = new Encoder();
  for (const value of values) encoder.value(value, 0);
  return encoder.out.finish();
}

class Budget {
  #valueCount = 0;

  constructor(
    readonly fault: "peer" | "bug",
    readonly maxValues: number,
  ) {}

  spend(depth: number): void {
    if (depth > MAX_DEPTH) throw new AppError(this.fault, "amf0.too-deep", { limit: MAX_DEPTH });
    if (++this.#valueCount > this.maxValues) {
      throw new AppError(this.fault, "amf0.too-many-values", { limit: this.maxValues });
    }
  }
}

// A byte order mark is content here: what a peer names a stream must come out as it went in.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

class Decoder {
  readonly #in: Reader;
  readonly #budget: Budget;
  /** Section 2.9: what a reference may name; undefined while the value is still being read. */
  readonly #complex: (AmfObject | AmfValue[] | undefined)[] = [];

  constructor(bytes: Uint8Array, maxValues: number) {
    this.#in = new Reader(bytes, "amf0");
    this.#budget = new Budget("peer", maxValues);
  }

  isAtEnd(): boolean {
    return this.#in.remaining === 0;
  }

  value(depth: number): AmfValue {
    this.#budget.spend(depth);
    const marker = this.#in.u8();
    switch (marker) {
      case Marker.number:
        return this.#in.f64();
      case Marker.boolean:
        return this.#in.u8() !== 0;
      case Marker.string:
        return this.#text(this.#in.u16());
      case Marker.longString:
      case Marker.xmlDocument:
        return this.#text(this.#in.u32());
      case Marker.null:
        return null;
      case Marker.undefined:
      case Marker.unsupported:
        return undefined;
      case Marker.date:
        return this.#date();
      default:
        return this.#complexValue(marker, depth);
    }
  }

  #complexValue(marker: number, depth: number): AmfValue {
    switch (marker) {
      case Marker.typedObject:
        this.#in.skip(this.#in.u16());
        return this.#object(depth);
      case Marker.ecmaArray:
        // The count is a hint that real encoders get wrong; the end marker decides.
        this.#in.skip(4);
        return this.#object(depth);
      case Marker.object:
        return this.#object(depth);
      case Marker.strictArray:
        return this.#strictArray(depth);
      case Marker.reference:
        return this.#reference();
      case Marker.amf3:
        throw new AppError("peer", "amf0.amf3-not-supported", { at: this.#in.offset - 1 });
      default:
        throw new AppError("peer", "amf0.unknown-marker", { marker, at: this.#in.offset - 1 });
    }
  }

  #object(depth: number): AmfObject {
    const object: AmfObject = Object.create(null);
    const slot = this.#complex.push(undefined) - 1;
    for (;;) {
      const keyLength = this.#in.u16();
      const key = this.#text(keyLength);
      if (keyLength === 0 && this.#in.bytes[this.#in.offset] === Marker.objectEnd) {
        this.#in.skip(1);
        this.#complex[slot] = object;
        return object;
      }
      object[key] = this.value(depth + 1);
    }
  }

  #strictArray(depth: number): AmfValue[] {
    const count = this.#in.u32();
    const slot = this.#complex.push(undefined) - 1;
    const array: AmfValue[] = [];
    for (let i = 0; i < count; i++) array.push(this.value(depth + 1));
    this.#complex[slot] = array;
    return array;
  }

  /** A value that holds itself would trap whoever walks it: refused. */
  #reference(): AmfValue {
    const index = this.#in.u16();
    const value = this.#complex[index];
    if (value === undefined) {
      throw new AppError("peer", "amf0.bad-reference", { index, limit: this.#complex.length });
    }
    return value;
  }

  #date(): Date {
    const wallMs = this.#in.f64();
    // Section 2.13: the time zone is reserved.
    this.#in.skip(2);
    return new Date(wallMs);
  }

  #text(byteCount: number): string {
    return utf8.decode(this.#in.view(byteCount));
  }
}

const utf8Encoder = new TextEncoder();
const MAX_SHORT_STRING = 0xffff;

class Encoder {
  readonly out = new Writer(256);
  readonly #budget = new Budget("bug", MAX_VALUES);

  value(value: AmfValue, depth: number): void {
    this.#budget.spend(depth);
    if (value === null) this.out.u8(Marker.null);
    else if (value === undefined) this.out.u8(Marker.undefined);
    else if (typeof value === "number") this.out.u8(Marker.number).f64(value);
    else if (typeof value === "boolean") this.out.u8(Marker.boolean).u8(value ? 1 : 0);
    else if (typeof value === "string") this.#string(value);
    else if (value instanceof Date) this.out.u8(Marker.date).f64(value.getTime()).u16(0);
    else if (Array.isArray(value)) this.#strictArray(value, depth);
    else this.#object(value, depth);
  }

  #string(text: string): void {
    const bytes = utf8Encoder.encode(text);
    if (bytes.length <= MAX_SHORT_STRING) this.out.u8(Marker.string).u16(bytes.length).bytes(bytes);
    else this.out.u8(Marker.longString).u32(bytes.length).bytes(bytes);
  }

  #strictArray(array: AmfValue[], depth: number): void {
    this.out.u8(Marker.strictArray).u32(array.length);
    for (const item of array) this.value(item, depth + 1);
  }

  #object(object: AmfObject, depth: number): void {
    this.out.u8(Marker.object);
    for (const [key, value] of Object.entries(object)) {
      const bytes = utf8Encoder.encode(key);
      if (bytes.length > MAX_SHORT_STRING) {
        throw new AppError("bug", "amf0.key-too-long", { have: bytes.length, limit: MAX_SHORT_STRING });
      }
      this.out.u16(bytes.length).bytes(bytes);
      this.value(value, depth + 1);
    }
    this.out.u16(0).u8(Marker.objectEnd);
  }
}
