import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { codeOf } from '../../../platform/error-code.ts';
import { Halt } from '../../../platform/halt.ts';

/** Files below a folder: a release has some hundred. */
const MOST_FILES = 20_000;
const MOST_DEPTH = 10;
/** Characters of a row: the longest LOINC description has 12,000. */
const MOST_ROW = 1_000_000;

/** A row of a publisher's file, with where it stands, for the sentence that names a fault. */
export type Row = { readonly fields: readonly string[]; fault(says: string): never };

/** All files at and below a path; of a single file its folder, for what belongs to it. */
export async function releaseFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw new Halt(`${path} ${codeOf(error) === 'ENOENT' ? 'is not there' : 'cannot be read'}.`);
  });
  const files: string[] = [];
  await walk(found.isDirectory() ? path : dirname(path), files, 0);
  return files;
}

async function walk(folder: string, files: string[], depth: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) files.push(path);
    if (entry.isDirectory() && depth < MOST_DEPTH) await walk(path, files, depth + 1);
    if (files.length > MOST_FILES) throw new Halt(`There are more than ${MOST_FILES} files.`);
  }
}

/** The one file of that name; undefined: none. Two are told, for which is meant nobody knows. */
export function fileNamed(files: readonly string[], name: RegExp): string | undefined {
  const found = files.filter((path) => name.test(basename(path)));
  if (found.length <= 1) return found[0];
  const names = found.map((path) => basename(path)).join(', ');
  throw new Halt(`Two files are the same table: ${names}. Name the folder of one release.`);
}

function rowOf(path: string, line: number, fields: readonly string[]): Row {
  return {
    fields,
    fault(says) {
      throw new Halt(`${basename(path)}:${line}: ${says}.`);
    },
  };
}

/** Rows of text without quoting: RF2 (tabs, a line of names first) and RRF (bars). */
export async function* plainRows(path: string, separator: '\t' | '|', columns: number) {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line === '' || (number === 1 && separator === '\t')) continue;
    const row = rowOf(path, number, line.split(separator));
    if (row.fields.length < columns) {
      row.fault(`${row.fields.length} columns where there are at least ${columns}`);
    }
    yield row;
  }
}

/** A CSV row by the names of its columns (RFC 4180). */
export type NamedRow = Row & { field(name: string): string };

/** Rows of a CSV file with a line of names; a quoted field may hold line ends. */
export async function* namedRows(
  path: string,
  needed: readonly string[],
): AsyncGenerator<NamedRow> {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let columns: Map<string, number> | undefined;
  let number = 0;
  let open: { text: string; line: number } | undefined;
  for await (const line of lines) {
    number += 1;
    const text = open === undefined ? line : `${open.text}\n${line}`;
    const from = open?.line ?? number;
    if (text.length > MOST_ROW)
      rowOf(path, from, []).fault('a row of more than 1,000,000 characters');
    open = quotes(text) % 2 === 1 ? { text, line: from } : undefined;
    if (open !== undefined || text === '') continue;
    const row = rowOf(path, from, csvFields(text));
    if (columns === undefined) {
      columns = new Map(row.fields.map((name, at) => [name.replace(/^\uFEFF/, ''), at]));
      const missing = needed.find((name) => columns?.has(name) === false);
      if (missing !== undefined) row.fault(`there is no column ${missing}`);
      continue;
    }
    yield named(row, columns);
  }
  if (open !== undefined) rowOf(path, open.line, []).fault('a quote without its end');
}

function named(row: Row, columns: ReadonlyMap<string, number>): NamedRow {
  if (row.fields.length !== columns.size) {
    row.fault(`${row.fields.length} columns where there are ${columns.size}`);
  }
  return { ...row, field: (name) => row.fields[columns.get(name) ?? -1] ?? '' };
}

function quotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

function csvFields(text: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    if (text[at] !== '"') {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      fields.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    let end = text.indexOf('"', at + 1);
    while (text[end + 1] === '"') end = text.indexOf('"', end + 2);
    if (end < 0) end = text.length;
    fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
    at = end + 2;
  }
  return fields;
}
