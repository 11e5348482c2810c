import { jaroWinkler } from './jaro-winkler.ts';
import type { Person } from './person.ts';

/** R4 valueset-match-grade. */
export type MatchGrade = 'certain' | 'probable' | 'possible' | 'certainly-not';
/** `score` is the probability that both are one person, 0 to 1. */
export type Match = { readonly score: number; readonly grade: MatchGrade };

/**
 * Fellegi and Sunter (1969): each element that both records have adds log2(m/u), where m is how
 * often it agrees for one person and u for two. Both are estimates for a population of tens of
 * thousands; the order they give matters more than their size.
 */
type Weights = { readonly agree: number; readonly near: number; readonly differ: number };

const weights = {
  identifier: { agree: 20, near: 0, differ: -3 },
  family: { agree: 7, near: 3.5, differ: -5 },
  given: { agree: 6, near: 3, differ: -4 },
  birthDate: { agree: 9, near: 3, differ: -7 },
  gender: { agree: 1, near: 0, differ: -4 },
  postalCode: { agree: 4, near: 0, differ: -1 },
  street: { agree: 5, near: 2, differ: -0.5 },
  city: { agree: 2, near: 1, differ: -0.5 },
  phone: { agree: 8, near: 0, differ: -0.5 },
  email: { agree: 9, near: 0, differ: -0.5 },
} as const satisfies Record<string, Weights>;

/** Bits against: before anything is compared, one in 4,096 candidates is the person. */
const PRIOR = -12;
const CERTAIN = 0.99;
const PROBABLE = 0.85;
const POSSIBLE = 0.3;
/** Words this alike are one name written in two ways (Winkler's own bound for names). */
const SAME = 0.95;
const NEAR = 0.86;

type Likeness = 'agree' | 'near' | 'differ' | undefined;

/** Compares two people; the order of the two does not matter. */
export function matchScore(a: Person, b: Person): Match {
  const likeness = {
    identifier: identifierLikeness(a, b),
    family: wordLikeness(a.families, b.families),
    given: wordLikeness(a.givens, b.givens),
    birthDate: birthDateLikeness(a.birthDate, b.birthDate),
    gender: equalLikeness(known(a.gender), known(b.gender)),
    postalCode: equalLikeness(a.postalCodes, b.postalCodes),
    street: wordLikeness(a.streets, b.streets),
    city: wordLikeness(a.cities, b.cities),
    phone: equalLikeness(a.phones, b.phones),
    email: equalLikeness(a.emails, b.emails),
  };
  let bits = PRIOR;
  for (const [name, how] of Object.entries(likeness)) {
    if (how !== undefined) bits += weights[name as keyof typeof weights][how];
  }
  const score = 1 / (1 + 2 ** -bits);
  return { score, grade: gradeOf(score, likeness) };
}

/** Certain needs more than a high score: nothing that identifies may speak against it. */
function gradeOf(score: number, likeness: Readonly<Record<string, Likeness>>): MatchGrade {
  if (score < POSSIBLE) return 'certainly-not';
  if (score < PROBABLE) return 'possible';
  const { identifier, family, given, birthDate, gender } = likeness;
  const against = [identifier, family, given, birthDate, gender].includes('differ');
  const named = family === 'agree' && given === 'agree' && birthDate === 'agree';
  const proven = identifier === 'agree' ? birthDate !== 'near' : named;
  return score >= CERTAIN && proven && !against ? 'certain' : 'probable';
}

/** The same number of the same system; another number of it speaks against. */
function identifierLikeness(a: Person, b: Person): Likeness {
  let shared: Likeness;
  for (const one of a.identifiers) {
    for (const other of b.identifiers) {
      if (one.system !== other.system) continue;
      if (one.value === other.value) return 'agree';
      shared = 'differ';
    }
  }
  return shared;
}

/** The likest pair counts: people have several names, and one of them is enough. */
function wordLikeness(a: readonly string[], b: readonly string[]): Likeness {
  if (a.length === 0 || b.length === 0) return undefined;
  let best = 0;
  for (const one of a) for (const other of b) best = Math.max(best, jaroWinkler(one, other));
  if (best >= SAME) return 'agree';
  return best >= NEAR ? 'near' : 'differ';
}

function equalLikeness(a: readonly string[], b: readonly string[]): Likeness {
  if (a.length === 0 || b.length === 0) return undefined;
  return a.some((one) => b.includes(one)) ? 'agree' : 'differ';
}

/** Unknown and other are not compared: they are often a way of not saying. */
function known(gender: string | undefined): readonly string[] {
  return gender === 'male' || gender === 'female' ? [gender] : [];
}

/**
 * Near: day and month turned round, one digit mistyped or two exchanged, or one of them not as
 * exact.
 */
function birthDateLikeness(a: string | undefined, b: string | undefined): Likeness {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return a.length === 10 ? 'agree' : 'near';
  if (a.startsWith(b) || b.startsWith(a)) return 'near';
  if (a.length !== b.length) return 'differ';
  const turned = `${a.slice(0, 5)}${a.slice(8, 10)}-${a.slice(5, 7)}`;
  if (turned === b) return 'near';
  const wrong = [...a].flatMap((letter, at) => (letter === b[at] ? [] : [at]));
  const [one = 0, two = 0] = wrong;
  const swapped = wrong.length === 2 && a[one] === b[two] && a[two] === b[one];
  return wrong.length === 1 || swapped ? 'near' : 'differ';
}
