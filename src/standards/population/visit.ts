import { day, minute, officeHours, year } from './calendar.ts';
import type { Code } from './coding.ts';
import type { Person } from './person.ts';
import { ageAt } from './person.ts';
import type { Problem } from './problem.ts';
import type { Random } from './random.ts';

export type VisitKind =
  | 'wellness'
  | 'follow-up'
  | 'acute'
  | 'emergency'
  | 'inpatient'
  | 'screening';

/** An encounter as planned; its id is the Encounter's. */
export interface Visit {
  id: string;
  kind: VisitKind;
  start: number;
  end: number;
  problem?: Problem;
  /** What a screening visit is for. */
  screening?: Code;
}

type Planned = Omit<Visit, 'id' | 'end'>;

// American Academy of Pediatrics: Bright Futures periodicity, in months.
const infantMonths = [0.2, 1, 2, 4, 6, 9, 12, 15, 18, 24, 30];
// Minutes, shortest and longest.
const lengths: Readonly<Record<VisitKind, readonly [number, number]>> = {
  wellness: [20, 50],
  'follow-up': [15, 30],
  acute: [15, 40],
  emergency: [90, 420],
  inpatient: [1440, 8640],
  screening: [30, 90],
};
const colonoscopy: Code = ['73761001', 'Colonoscopy (procedure)'];
const mammography: Code = ['71651007', 'Mammography (procedure)'];

/** All visits of the record's years, by time. */
export function visits(
  person: Person,
  problems: readonly Problem[],
  random: Random,
  ids: Random,
): Visit[] {
  const planned = [
    ...wellness(person, random),
    ...problems.flatMap((problem) => forProblem(person, problem, random)),
    ...screenings(person, random),
  ];
  return planned
    .map((visit) => timed(visit, random))
    .filter((visit) => visit.start > person.birth && visit.start >= person.start)
    .filter((visit) => visit.end <= person.end)
    .sort((one, other) => one.start - other.start)
    .map((visit) => ({ ...visit, id: ids.uuid() }));
}

function timed(visit: Planned, random: Random): Omit<Visit, 'id'> {
  const [shortest, longest] = lengths[visit.kind];
  const urgent = visit.kind === 'emergency' || visit.kind === 'inpatient';
  const slot = random.unit();
  const start = urgent
    ? Math.floor(visit.start / day) * day + Math.floor(slot * 1440) * minute
    : officeHours(visit.start, slot);
  return { ...visit, start, end: start + random.integer(shortest, longest) * minute };
}

function wellness(person: Person, random: Random): Planned[] {
  const planned: Planned[] = [];
  const add = (start: number) => planned.push({ kind: 'wellness', start });
  for (const months of infantMonths) {
    if (random.chance(0.93)) add(person.birth + (months / 12) * year + random.unit() * 8 * day);
  }
  const from = Math.max(person.start, person.birth + 3 * year);
  for (let at = from + random.unit() * 0.4 * year; at < person.end; at += year) {
    const age = ageAt(person, at);
    const attends = age < 18 ? 0.92 : age < 40 ? 0.62 : age < 65 ? 0.8 : 0.93;
    if (random.chance(attends)) add(at + random.unit() * 0.3 * year);
  }
  return planned;
}

function forProblem(person: Person, problem: Problem, random: Random): Planned[] {
  if (problem.acute) return acuteVisits(problem, problem.acute.setting, random);
  const perYear = problem.chronic?.followUpsPerYear ?? 0;
  const planned: Planned[] = [];
  for (let at = Math.max(person.start, problem.onset); at < person.end; at += year) {
    if (random.chance(perYear)) {
      planned.push({ kind: 'follow-up', start: at + random.unit() * year, problem });
    }
  }
  return planned;
}

function acuteVisits(
  problem: Problem,
  setting: 'office' | 'emergency' | 'hospital',
  random: Random,
): Planned[] {
  const kind = { office: 'acute', emergency: 'emergency', hospital: 'inpatient' } as const;
  const start = problem.onset + (setting === 'office' ? random.integer(1, 3) * day : day);
  const planned: Planned[] = [{ kind: kind[setting], start, problem }];
  const again = setting === 'office' ? 0.06 : 0.5;
  if (random.chance(again)) {
    planned.push({ kind: 'follow-up', start: start + random.integer(9, 16) * day, problem });
  }
  return planned;
}

/** US Preventive Services Task Force: colonoscopy every ten years from 45, mammography from 50. */
function screenings(person: Person, random: Random): Planned[] {
  const planned: Planned[] = [];
  const due = random.unit();
  for (let at = person.start; at < person.end; at += year) {
    const age = ageAt(person, at);
    if (person.sex === 'female' && age >= 50 && age < 75 && random.chance(0.35)) {
      planned.push({ kind: 'screening', start: at + random.unit() * year, screening: mammography });
    }
  }
  const at = person.start + due * (person.end - person.start);
  const age = ageAt(person, at);
  if (age >= 45 && age < 76 && random.chance(0.65)) {
    planned.push({ kind: 'screening', start: at, screening: colonoscopy });
  }
  return planned;
}
