const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const none = Buffer.alloc(0);

/**
 * 17 bytes for a lower-case UUID (0 and its bytes), else the text itself: an id never begins with
 * NUL.
 */
export function packId(id: string): Buffer {
  if (id === '') return none;
  if (!uuid.test(id)) return Buffer.from(id);
  const packed = Buffer.allocUnsafe(17);
  packed[0] = 0;
  packed.write(id.replaceAll('-', ''), 1, 'hex');
  return packed;
}

export function unpackId(packed: Buffer): string {
  if (packed.length !== 17 || packed[0] !== 0) return packed.toString();
  const hex = packed.toString('hex', 1);
  const [a, b, c, d] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${a}-${b}-${c}-${d}-${hex.slice(20)}`;
}
