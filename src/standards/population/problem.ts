import type { AcuteCondition } from './acute-condition-list.ts';
import { acuteConditions, covidCode, covidSince } from './acute-condition-list.ts';
import { day, year } from './calendar.ts';
import type { ChronicCondition } from './chronic-condition-list.ts';
import { chronicConditions, obesity } from './chronic-condition-list.ts';
import type { Code } from './coding.ts';
import type { Person } from './person.ts';
import { ageAt, isObese } from './person.ts';
import type { Random } from './random.ts';

/** What a person has or had; its id is the Condition's. */
export interface Problem {
  id: string;
  key: string;
  code: Code;
  icd10: Code;
  onset: number;
  /** When it was over; absent for what stays and for what is not over yet. */
  abatement?: number;
  chronic?: ChronicCondition;
  acute?: AcuteCondition;
}

export function problems(person: Person, random: Random, ids: Random): Problem[] {
  return [...chronic(person, random, ids), ...acute(person, random, ids)];
}

function chronic(person: Person, random: Random, ids: Random): Problem[] {
  const age = ageAt(person, person.end);
  const band = age < 18 ? 0 : age < 40 ? 1 : age < 65 ? 2 : 3;
  const obese = isObese(person);
  const found: Problem[] = [];
  for (const row of obese ? [obesity, ...chronicConditions] : chronicConditions) {
    const likely = row.prevalence[band] * (obese ? (row.withObesity ?? 1) : 1);
    const drawn = random.unit() * 100;
    // One draw per row whatever comes of it: changing one row leaves the others as they were.
    const when = random.unit();
    const fits = row === obesity || (drawn < likely && (!row.sex || row.sex === person.sex));
    if (!fits || age <= row.earliestAge + 0.1) continue;
    if (row.key === 'prediabetes' && found.some((other) => other.key === 'diabetes')) continue;
    const years = row.earliestAge + (age - row.earliestAge) * (1 - 0.7 * when);
    const { key, code, icd10 } = row;
    const onset = Math.min(person.birth + years * year, person.end - day);
    found.push({ id: ids.uuid(), key, code, icd10, onset, chronic: row });
  }
  return found;
}

function acute(person: Person, random: Random, ids: Random): Problem[] {
  const found: Problem[] = [];
  for (let from = person.start; from < person.end; from += year) {
    const age = ageAt(person, from);
    const perYear = age < 6 ? 1.1 : age < 18 ? 0.6 : age < 65 ? 0.42 : 0.5;
    for (let more = perYear; more > 0 && random.chance(Math.min(more, 0.9)); more -= 0.35) {
      const problem = acuteProblem(person, random, from + random.unit() * year);
      if (problem) found.push({ ...problem, id: ids.uuid() });
    }
  }
  return found;
}

function acuteProblem(
  person: Person,
  random: Random,
  onset: number,
): Omit<Problem, 'id'> | undefined {
  const age = ageAt(person, onset);
  const band = age < 18 ? 0 : age < 65 ? 1 : 2;
  const row = random.weighted(acuteConditions, (candidate) => candidate.weights[band]);
  const over = onset + random.integer(row.days[0], row.days[1]) * day;
  if (onset > person.end - 3 * day) return undefined;
  if (row.code[0] === covidCode && onset < covidSince) return undefined;
  const { code, icd10 } = row;
  const abated = over < person.end ? { abatement: over } : {};
  return { key: code[0], code, icd10, onset, ...abated, acute: row };
}
