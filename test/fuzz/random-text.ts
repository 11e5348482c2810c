import type { Random } from '../../src/standards/population/random.ts';
import { hostileTexts } from './hostile.ts';

/** The bytes of a text with some of them lost, doubled, changed or put elsewhere. */
export function brokenText(random: Random, text: string): Buffer {
  let bytes: Buffer = Buffer.from(text);
  const times = random.integer(1, 3);
  for (let time = 0; time < times; time += 1) bytes = brokenOnce(random, bytes);
  return bytes;
}

function brokenOnce(random: Random, bytes: Buffer): Buffer {
  const from = random.integer(0, bytes.length);
  const to = Math.min(bytes.length, from + random.integer(0, 40));
  const [before, part, after] = [
    bytes.subarray(0, from),
    bytes.subarray(from, to),
    bytes.subarray(to),
  ];
  switch (random.integer(0, 5)) {
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
    default:
      return Buffer.concat([after, part, before]);
  }
}
