import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { extract } from 'tar-stream';
import xzDecompress from 'xz-decompress';
import { asTransaction, population, providers } from '../../src/standards/population/index.ts';

const archive = join(
  import.meta.dirname,
  '../../../shared/data/synthea-r4-sample/synthea-v2.4-50-patients.tar.xz',
);

export type Bundle = { resourceType: 'Bundle'; type: 'transaction'; entry: BundleEntry[] };
type BundleEntry = {
  fullUrl: string;
  resource: { resourceType: string; id: string; [element: string]: unknown };
  request: { method: string; url: string };
};

/** The records of 50 patients as transaction Bundles, those they refer to first. */
export type Sample = { readonly origin: string; readonly bundles: readonly Bundle[] };

/** Synthea's, or where that is not beside the project the generator's own, which it then says. */
export async function sampleBundles(say: (line: string) => void): Promise<Sample> {
  const there = await stat(archive).then(
    () => true,
    () => false,
  );
  if (there) return { origin: 'Synthea', bundles: await unpack() };
  say('the Synthea sample is not beside the project: 50 generated patients instead');
  const bundles: Bundle[] = [asTransaction(providers(7))];
  for (const { resources } of population({ seed: 7, patients: 50 })) {
    bundles.push(asTransaction(resources));
  }
  return { origin: 'generated', bundles };
}

async function unpack(): Promise<Bundle[]> {
  const members = extract();
  const compressed = Readable.toWeb(createReadStream(archive));
  const plain = new xzDecompress.XzReadableStream(compressed);
  pipeline(Readable.from(plain), members, () => undefined);
  const found: { name: string; bundle: Bundle }[] = [];
  for await (const member of members) {
    const chunks: Buffer[] = [];
    for await (const chunk of member as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
    const { name, type } = member.header;
    if (type !== 'file' || !name.endsWith('.json')) continue;
    found.push({ name, bundle: JSON.parse(Buffer.concat(chunks).toString()) });
  }
  const rank = ({ name }: { name: string }) => (/Information\d+\.json$/.test(name) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).map(({ bundle }) => bundle);
}
