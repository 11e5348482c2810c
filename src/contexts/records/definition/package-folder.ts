import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../platform/error-code.ts';
import { isJsonObject, type JsonObject } from '../../../standards/fhir/json-object.ts';
import {
  type Manifest,
  PackageRefused,
  readManifest,
} from '../../../standards/fhir/package/manifest.ts';
import { canonicalOf, type DefinitionFile } from './definition-file.ts';

/** A package as its definitions are found in it. */
export type Package = { readonly manifest: Manifest; readonly files: readonly DefinitionFile[] };

/**
 * An unpacked package: the folder with package.json, or the one around `package/`. Its .index.json
 * saves reading every file; a definition is read when it is asked for.
 *
 * @throws {PackageRefused} when it is none.
 */
export async function packageFolder(path: string): Promise<Package> {
  const inner = join(path, 'package');
  const folder = (await isFolder(inner)) ? inner : path;
  const manifest = readManifest(await jsonFile(folder, 'package.json'));
  const index = await jsonFile(folder, '.index.json').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  const listed = index === undefined ? await scanned(folder) : indexed(index);
  return {
    manifest,
    files: listed.map(({ filename, ...entry }) => ({
      canonical: entry.canonical,
      size: 0,
      read: () => JSON.parse(readFileSync(join(folder, filename), 'utf8')) as JsonObject,
    })),
  };
}

type Listed = { filename: string; canonical: DefinitionFile['canonical'] };

function indexed(index: unknown): Listed[] {
  const files = isJsonObject(index) && Array.isArray(index['files']) ? index['files'] : undefined;
  if (files === undefined) throw new PackageRefused('its .index.json lists no files');
  return files.flatMap((file: unknown) => {
    const canonical = canonicalOf(file);
    const filename = isJsonObject(file) ? file['filename'] : undefined;
    const plain = typeof filename === 'string' && !/[/\\]/.test(filename);
    return canonical === undefined || !plain ? [] : [{ filename, canonical }];
  });
}

async function scanned(folder: string): Promise<Listed[]> {
  const names = (await readdir(folder)).filter((name) => /^[^.].*\.json$/.test(name)).sort();
  const listed: Listed[] = [];
  for (const filename of names) {
    const canonical = canonicalOf(await jsonFile(folder, filename));
    if (canonical !== undefined) listed.push({ filename, canonical });
  }
  return listed;
}

async function jsonFile(folder: string, name: string): Promise<unknown> {
  const text = await readFile(join(folder, name), 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new PackageRefused(`its ${name} is not JSON`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}
