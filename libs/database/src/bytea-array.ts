const BYTEA_OID = 17;
/** Dimensions, whether there are nulls, the elements' type, how many, the index of the first: 4 bytes each. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/**
 * `bytea[]` in PostgreSQL's binary format (array_send in src/backend/utils/adt/arrayfuncs.c), which `pg` passes on as
 * it is. As text each byte would be two digits, to be written here and read there: rows here are mostly sealed bytes.
 */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  const size = values.reduce((sum, value) => sum + LENGTH_BYTES + (value?.length ?? 0), HEADER_BYTES);
  const array = Buffer.allocUnsafe(size);
  const header = [1, values.includes(null) ? 1 : 0, BYTEA_OID, values.length, 1];
  let offset = 0;
  for (const field of header) offset = array.writeInt32BE(field, offset);
  for (const value of values) {
    offset = array.writeInt32BE(value?.length ?? NULL_LENGTH, offset);
    if (value === null) continue;
    array.set(value, offset);
    offset += value.length;
  }
  return array;
}

/** Whether a column's values are all bytes or null, and some are bytes. */
export function isBytea(values: readonly unknown[]): values is readonly (Uint8Array | null)[] {
  const present = values.filter((value) => value !== null);
  return present.length > 0 && present.every((value) => value instanceof Uint8Array);
}
