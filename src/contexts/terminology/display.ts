import type { Designation } from '../../standards/fhir/terminology/code-system.ts';
import type { Member } from '../../standards/fhir/terminology/member.ts';

type Named = Pick<Member, 'display' | 'designations'>;

/** BCP 47 (RFC 4647, 3.3.1): `de` also finds `de-CH`. */
export function speaks(designation: Designation, language: string): boolean {
  const own = designation.language?.toLowerCase();
  const asked = language.toLowerCase();
  return own === asked || own?.startsWith(`${asked}-`) === true;
}

/** In the language asked for where there is one, else the preferred one. */
export function displayOf(named: Named, language: string | undefined): string | undefined {
  if (language === undefined) return named.display;
  return named.designations.find((one) => speaks(one, language))?.value ?? named.display;
}

/** Whether a display is one of the concept's: case and spaces do not count. */
export function isDisplay(named: Named, text: string): boolean {
  const wanted = plain(text);
  if (named.display === undefined && named.designations.length === 0) return true;
  if (named.display !== undefined && plain(named.display) === wanted) return true;
  return named.designations.some(({ value }) => plain(value) === wanted);
}

const plain = (text: string) => text.replace(/\s+/g, ' ').trim().toLowerCase();
