import type { Random } from '../../src/standards/population/random.ts';
import { hostileTexts } from './hostile.ts';

/** The bytes of a text with some lost, doubled, changed, elsewhere, or followed by another's. */
export function brokenText(random: Random, text: string, other = ''): Buffer {
  let bytes: Buffer = Buffer.from(text);
  const times = random.integer(1, 3);
  for (let time = 0; time < times; time += 1) bytes = brokenOnce(random, bytes, other);
  return bytes;
}

function brokenOnce(random: Random, bytes: Buffer, other: string): Buffer {
  const from = random.integer(0, bytes.length);
  const to = Math.min(bytes.length, from + random.integer(0, 40));
  const [before, part, after] = [
    bytes.subarray(0, from),
    bytes.subarray(from, to),
    bytes.subarray(to),
  ];
  switch (random.integer(0, 6)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, part, part, after]);
    case 2:
      return Buffer.concat([before, Buffer.from([random.integer(0, 255)]), part, after]);
    case 3:
      return Buffer.concat([before, Buffer.from(random.pick(hostileTexts)), after]);
    case 4:
      return before;
    case 5:
      return Buffer.concat([before, Buffer.from(other.slice(random.integer(0, other.length)))]);
    default:
      return Buffer.concat([after, part, before]);
  }
}
