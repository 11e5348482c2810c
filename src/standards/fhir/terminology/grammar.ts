import { ucumSystem } from '../../ucum/canonical.ts';
import { parseUnit } from '../../ucum/unit.ts';

/** Whether a code is well-formed and known; undefined: well-formed, but nobody here can know. */
export type Grammar = (code: string) => boolean | undefined;

/**
 * Code systems that are a grammar rather than a list, and the short ISO lists that every
 * JavaScript engine carries (CLDR). undefined: the system is none of them.
 */
export function grammarOf(system: string): Grammar | undefined {
  return Object.hasOwn(grammars, system) ? grammars[system] : undefined;
}

const grammars: Readonly<Record<string, Grammar>> = {
  [ucumSystem]: unit,
  'urn:ietf:bcp:47': language,
  'urn:ietf:bcp:13': mediaType,
  'urn:iso:std:iso:3166': country,
  'urn:iso:std:iso:4217': currency,
  'https://www.iana.org/time-zones': timeZone,
};

const languageNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
const regionNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** A temperature inside a product (Cel/min) is UCUM, but not understood; so may be a long code. */
function unit(code: string): boolean | undefined {
  if (parseUnit(code) !== undefined) return true;
  return /Cel|\[deg/.test(code) || code.length > 100 ? undefined : false;
}

/** BCP 47: the syntax, and of two letters only languages there are (ISO 639-1 is closed). */
function language(code: string): boolean {
  if (code.length > 100) return false;
  try {
    const [tag = ''] = Intl.getCanonicalLocales(code);
    const [first = ''] = tag.split('-');
    return first.length !== 2 || languageNames.of(first) !== undefined;
  } catch {
    // RangeError is how this function says no. Private and grandfathered tags are not its own.
    return /^(x(-[a-z0-9]{1,8})+|i-[a-z]{2,8})$/i.test(code);
  }
}

/** BCP 13, RFC 6838 section 4.2 and RFC 2045 section 5.1. */
function mediaType(code: string): boolean {
  return (
    code.length <= 1000 &&
    /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9*][\w!#$&^.+-]{0,126}(\s*;\s*[\w!#$&^.+-]+=("[^"\\]*"|[^\s;"]+))*$/.test(
      code,
    )
  );
}

/** ISO 3166-1 alpha-2 is known; alpha-3, numbers and subdivisions are only well-formed. */
function country(code: string): boolean | undefined {
  if (/^[A-Z]{2}$/.test(code)) return regionNames.of(code) !== undefined;
  return /^([A-Z]{3}|\d{3}|[A-Z]{2}-[A-Z0-9]{1,3})$/.test(code) ? undefined : false;
}

let currencies: ReadonlySet<string> | undefined;

function currency(code: string): boolean | undefined {
  currencies ??= new Set(Intl.supportedValuesOf('currency'));
  if (currencies.has(code)) return true;
  return /^[A-Z]{3}$/.test(code) ? undefined : false;
}

/** The engine knows links such as Asia/Calcutta too, in any case: the data base has them. */
function timeZone(code: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: code }).resolvedOptions().timeZone !== '';
  } catch {
    // RangeError is how this says no.
    return false;
  }
}
