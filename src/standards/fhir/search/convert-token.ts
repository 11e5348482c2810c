import type { Convert, Elements } from './convert.ts';
import type { IndexValue } from './index-value.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function token(param: string, system: string, code: string, out: IndexValue[]): void {
  if (system !== '' || code !== '') out.push({ kind: 'token', param, system, code });
}

const plain: Convert = (value, param, out) => {
  if (typeof value === 'string' && value !== '') token(param, '', value, out);
};

function coding(value: unknown, param: string, out: IndexValue[]): void {
  if (typeof value !== 'object' || value === null) return;
  const { system, code } = value as Elements;
  token(param, text(system), text(code), out);
}

/** Every coding; a concept that is only text has no token (search.html#token). */
function concept(value: unknown, param: string, out: IndexValue[]): void {
  if (typeof value !== 'object' || value === null) return;
  const { coding: codings } = value as Elements;
  if (Array.isArray(codings)) for (const one of codings) coding(one, param, out);
}

/**
 * Also one row for each coding of its type, which `:of-type` asks for: system `type system|type
 * code`.
 */
const identifier: Convert = (value, param, out) => {
  if (typeof value !== 'object' || value === null) return;
  const { system, value: code, type } = value as Elements;
  token(param, text(system), text(code), out);
  if (typeof type !== 'object' || type === null || text(code) === '') return;
  const { coding: codings } = type as Elements;
  if (!Array.isArray(codings)) return;
  for (const one of codings) {
    const { system: typeSystem, code: typeCode } = (one ?? {}) as Elements;
    if (text(typeCode) === '') continue;
    token(`${param}:of-type`, `${text(typeSystem)}|${text(typeCode)}`, text(code), out);
  }
};

/** By datatype: R4 search.html#token. */
export const tokens: Readonly<Record<string, Convert>> = {
  code: plain,
  id: plain,
  uri: plain,
  string: plain,
  folded: (value, param, out) => {
    if (typeof value === 'string') token(param, '', value.toLowerCase(), out);
  },
  boolean: (value, param, out) => {
    if (typeof value === 'boolean') token(param, '', String(value), out);
  },
  exists: (_value, param, out) => token(param, '', 'true', out),
  Coding: coding,
  CodeableConcept: concept,
  Identifier: identifier,
  ContactPoint: (value, param, out) => {
    if (typeof value === 'object' && value !== null)
      plain((value as Elements).value, param, out, {});
  },
};
