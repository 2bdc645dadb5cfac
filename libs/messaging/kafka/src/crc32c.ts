/* eslint-disable @typescript-eslint/no-non-null-assertion -- tables are indexed by a byte: there is always an entry. */

/** CRC-32C (Castagnoli), eight bytes at a step: every byte that is sent goes through it. */
const TABLES = ((): readonly Int32Array[] => {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    first[byte] = crc;
  }
  const tables = [first];
  for (let step = 1; step < 8; step += 1) {
    const before = tables[step - 1] ?? first;
    tables.push(before.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] ?? 0)));
  }
  return tables;
})();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as unknown as readonly [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** The checksum of `bytes` from `start` to `end`, unsigned. */
export const crc32c = (bytes: Buffer, start: number, end: number): number => {
  let crc = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const low = bytes.readInt32LE(at) ^ crc;
    const high = bytes.readInt32LE(at + 4);
    crc =
      T7[low & 0xff]! ^
      T6[(low >>> 8) & 0xff]! ^
      T5[(low >>> 16) & 0xff]! ^
      T4[low >>> 24]! ^
      T3[high & 0xff]! ^
      T2[(high >>> 8) & 0xff]! ^
      T1[(high >>> 16) & 0xff]! ^
      T0[high >>> 24]!;
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
};
