import { refusedPassword } from './problems.ts';

/** NIST SP 800-63B-4 §3.1.1.2: fifteen characters where the password is the only factor. */
const LEAST_CHARACTERS = 15;
const MOST_CHARACTERS = 256;

/** What everybody tries first; a list to lengthen when a breach teaches us more. */
const expected = (
  'medconnect password passwort passw0rd qwerty qwertz letmein welcome iloveyou changeme secret ' +
  'admin doctor nurse patient hospital clinic health medical login'
).split(' ');

/** One text per password however a keyboard composes it (NFKC, NIST SP 800-63B-4 §3.1.1.2). */
export function normalPassword(password: string): string {
  return password.normalize('NFKC');
}

/**
 * Throws a Problem that says what to change. No composition rules: they make passwords worse
 * (NIST SP 800-63B-4 §3.1.1.2). With a `minimumLength` of its own (a sandbox) only length counts.
 */
export function checkPassword(password: string, email: string, minimumLength?: number): void {
  const normal = normalPassword(password);
  const length = [...normal].length;
  const least = minimumLength ?? LEAST_CHARACTERS;
  if (length < least) {
    throw refusedPassword('too-short', `A password has at least ${least} characters.`);
  }
  if (length > MOST_CHARACTERS) {
    throw refusedPassword('too-long', `A password has at most ${MOST_CHARACTERS} characters.`);
  }
  if (minimumLength === undefined && guessable(normal, email)) {
    throw refusedPassword('guessable', 'This password is among the first that would be guessed.');
  }
}

/** What is left after the words everybody tries first has to be half a password still. */
function guessable(password: string, email: string): boolean {
  const own = email
    .toLowerCase()
    .split(/[@.+_-]/)
    .filter((word) => word.length >= 4);
  let rest = password.toLowerCase();
  for (const word of [...own, ...expected]) rest = rest.replaceAll(word, '');
  const steps = [...rest].filter((_, at, all) => !follows(all[at - 1], all[at]));
  return new Set(steps).size < 5 || steps.length < LEAST_CHARACTERS / 2;
}

/** A repeated character or a neighbour in the row (aa, 12, cb) adds nothing to guess. */
function follows(one: string | undefined, next: string | undefined): boolean {
  const step = (next?.codePointAt(0) ?? 0) - (one?.codePointAt(0) ?? Number.NaN);
  return Math.abs(step) <= 1;
}
