import { createReadStream } from 'node:fs';
import { resourceTypes } from '../../../standards/fhir/definitions.ts';
import { isJsonObject } from '../../../standards/fhir/json-object.ts';
import {
  type Manifest,
  PackageRefused,
  readManifest,
} from '../../../standards/fhir/package/manifest.ts';
import { type ByteReader, tooLarge } from '../load/byte-reader.ts';
import { unpack } from '../load/unpack.ts';
import { canonicalOf, type DefinitionFile, isDefinitionType, packed } from './definition-file.ts';
import type { Package } from './package-folder.ts';

/** Bytes of one file: the largest published code system has 30 million. */
const largestFile = 64 * 1024 * 1024;

/**
 * A package as it is published: .tgz, or .tar.xz. Its definitions are kept in memory, compressed.
 *
 * @throws {PackageRefused} when it is none.
 */
export async function packageArchive(path: string): Promise<Package> {
  const files: DefinitionFile[] = [];
  let manifest: Manifest | undefined;
  for await (const member of unpack(createReadStream(path))) {
    if ('refused' in member) throw new PackageRefused(member.refused.text);
    if ('ignored' in member || member.name === undefined) continue;
    const [, folder, name] = /^(?:\.\/)?(.*?)([^/]*)$/.exec(member.name) ?? [];
    // Examples and other sub-folders define nothing.
    if (folder !== 'package/' || !name?.endsWith('.json') || isOther(name)) continue;
    const value = await jsonMember(member.bytes, name);
    if (name === 'package.json') manifest = readManifest(value);
    const canonical = canonicalOf(value);
    if (canonical !== undefined && isJsonObject(value)) files.push(packed(value, canonical));
  }
  if (manifest === undefined) throw new PackageRefused('it has no package/package.json');
  return { manifest, files };
}

/** A resource of another type, as packages name their files: `ImplementationGuide-….json`. */
function isOther(name: string): boolean {
  const [type = ''] = name.split('-', 1);
  return resourceTypes.has(type) && !isDefinitionType(type);
}

async function jsonMember(bytes: ByteReader, name: string): Promise<unknown> {
  const content = await bytes.rest(largestFile);
  if (content === tooLarge) throw new PackageRefused(`its ${name} is larger than 64 MiB`);
  try {
    return JSON.parse(content.toString());
  } catch {
    throw new PackageRefused(`its ${name} is not JSON`);
  }
}
