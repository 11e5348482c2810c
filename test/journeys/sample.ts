import { createReadStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';
import { asTransaction, population, providers } from '../../src/standards/population/index.ts';

const data = new URL('../../../shared/data/', import.meta.url);
const synthea = new URL('synthea-r4-sample/synthea-v2.4-50-patients.tar.xz', data);

/** Whether the transactions below are Synthea's; else they are our own made-up patients. */
export const isSynthea = existsSync(synthea);

/** Transaction Bundles as a hospital would send them: who treats first, then patient by patient. */
export async function transactions(): Promise<Buffer[]> {
  return isSynthea ? unpacked() : made();
}

async function unpacked(): Promise<Buffer[]> {
  const compressed = Readable.toWeb(createReadStream(synthea));
  const members = Readable.from(new xz.XzReadableStream(compressed)).pipe(extract());
  const first: Buffer[] = [];
  const then: Buffer[] = [];
  for await (const member of members) {
    const bytes = await buffer(member);
    const { name } = member.header;
    if (name.endsWith('.json')) (/hospital|practitioner/i.test(name) ? first : then).push(bytes);
  }
  return [...first, ...then];
}

function made(): Buffer[] {
  const seed = 4242;
  const bundles = [...population({ seed, patients: 10 })].map(({ resources }) => resources);
  return [providers(seed), ...bundles].map((one) =>
    Buffer.from(JSON.stringify(asTransaction(one))),
  );
}
