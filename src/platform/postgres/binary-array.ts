/**
 * One-dimensional arrays in PostgreSQL's binary format. `pg` writes arrays as text, which costs the
 * server a parse per element; a Buffer parameter is sent as binary (measured: 1,343 to 7,496
 * resources/s for the same load).
 */
const oid = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, text: 25, float8: 701 } as const;
const HEADER = 20;

export function int8Array(values: readonly bigint[]): Buffer {
  const buffer = start(oid.int8, values.length, values.length * 12);
  let at = HEADER;
  for (const value of values) {
    buffer.writeInt32BE(8, at);
    buffer.writeBigInt64BE(value, at + 4);
    at += 12;
  }
  return buffer;
}

export function int4Array(values: readonly number[]): Buffer {
  const buffer = start(oid.int4, values.length, values.length * 8);
  let at = HEADER;
  for (const value of values) {
    buffer.writeInt32BE(4, at);
    buffer.writeInt32BE(value, at + 4);
    at += 8;
  }
  return buffer;
}

export function int2Array(values: readonly number[]): Buffer {
  const buffer = start(oid.int2, values.length, values.length * 6);
  let at = HEADER;
  for (const value of values) {
    buffer.writeInt32BE(2, at);
    buffer.writeInt16BE(value, at + 4);
    at += 6;
  }
  return buffer;
}

export function float8Array(values: readonly number[]): Buffer {
  const buffer = start(oid.float8, values.length, values.length * 12);
  let at = HEADER;
  for (const value of values) {
    buffer.writeInt32BE(8, at);
    buffer.writeDoubleBE(value, at + 4);
    at += 12;
  }
  return buffer;
}

/** null elements are SQL NULL. */
export function byteaArray(values: readonly (Buffer | null)[]): Buffer {
  return variable(oid.bytea, values);
}

export function textArray(values: readonly (string | null)[]): Buffer {
  return variable(
    oid.text,
    values.map((value) => (value === null ? null : Buffer.from(value, 'utf8'))),
  );
}

function variable(elementType: number, values: readonly (Buffer | null)[]): Buffer {
  let size = 0;
  let nulls = false;
  for (const value of values) {
    size += 4 + (value?.length ?? 0);
    nulls ||= value === null;
  }
  const buffer = start(elementType, values.length, size);
  if (nulls) buffer.writeInt32BE(1, 4);
  let at = HEADER;
  for (const value of values) {
    buffer.writeInt32BE(value === null ? -1 : value.length, at);
    at += 4;
    if (value !== null) at += value.copy(buffer, at);
  }
  return buffer;
}

function start(elementType: number, length: number, bytes: number): Buffer {
  if (length === 0) {
    const none = Buffer.alloc(12);
    none.writeInt32BE(elementType, 8);
    return none;
  }
  const buffer = Buffer.allocUnsafe(HEADER + bytes);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(elementType, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}
