import { StringDecoder } from 'node:string_decoder';

/** Characters; an exported event has about 800. */
const MOST = 1_048_576;

/**
 * The lines of a stream without their ends, the last one too when it has none. RangeError: too
 * long.
 */
export async function* linesOf(source: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of source) {
    const [first = '', ...others] = (
      typeof chunk === 'string' ? chunk : decoder.write(chunk)
    ).split('\n');
    rest += first;
    for (const next of others) {
      if (rest !== '') yield rest;
      rest = next;
    }
    if (rest.length > MOST) throw new RangeError('a line is too long');
  }
  if (rest !== '') yield rest;
}
