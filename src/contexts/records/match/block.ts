import type { Person } from '../../../standards/matching/person.ts';

/** A search that finds those who may be the person; `by`: in words, without the value. */
export type Block = { readonly pairs: readonly [string, string][]; readonly by: string };

/** Searches of one $match. */
const MOST = 12;
/** Letters of a name that a slip of the pen seldom touches. */
const BEGINNING = 4;

/**
 * Whoever shares none of these is not looked at: one slip of the pen leaves most of them as they
 * were, so the person is found by another.
 */
export function blocksOf(person: Person): Block[] {
  const blocks: Block[] = [];
  const add = (by: string, ...pairs: [string, string][]) => blocks.push({ by, pairs });
  for (const { system, value } of person.identifiers) {
    add('identifier', ['identifier', `${plain(system)}|${plain(value)}`]);
  }
  for (const email of person.emails) add('email', ['email', plain(email)]);
  const [family, given] = [person.families[0], person.givens[0]];
  const { birthDate } = person;
  if (birthDate !== undefined && family !== undefined) {
    add('birth date and name', ['birthdate', birthDate], ['family', begin(family, 1)]);
  }
  if (birthDate !== undefined) add('birth date', ['birthdate', birthDate]);
  if (family !== undefined && given !== undefined) {
    add('name', ['family', begin(family, BEGINNING)], ['given', begin(given, 1)]);
    // Some write the family name first.
    add('name', ['family', begin(given, BEGINNING)], ['given', begin(family, 1)]);
  } else if (family !== undefined) {
    add('family name', ['family', family]);
  } else if (given !== undefined) {
    add('given name', ['given', given]);
  }
  return blocks.slice(0, MOST);
}

function begin(name: string, letters: number): string {
  return plain([...name].slice(0, letters).join(''));
}

/** R4 search.html#escaping. */
function plain(text: string): string {
  return text.replace(/[\\,|$]/g, (one) => `\\${one}`);
}
