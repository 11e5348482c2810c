import { day, year, yearsBetween } from './calendar.ts';
import { bodyMassIndexAt } from './growth-chart.ts';
import type { Heritage } from './name-list.ts';
import { heritages } from './name-list.ts';
import type { Place } from './place-list.ts';
import { places } from './place-list.ts';
import type { Random } from './random.ts';

/** Who a patient is, before any visit. Times are milliseconds since 1970. */
export interface Person {
  id: string;
  sex: 'female' | 'male';
  given: readonly string[];
  family: string;
  maidenName?: string;
  heritage: Heritage;
  home: Place;
  birth: number;
  death?: number;
  /** Death, or else the day the population is looked at: nothing is dated after it. */
  end: number;
  /** How far back the record goes: ten years, as practices keep it, or to birth. */
  start: number;
  heightScore: number;
  bodyMassScore: number;
  smoking: 'never' | 'former' | 'current';
}

const recordYears = 10;

// Five-year bands of the living, from 0–4 up to 95–99, in thousandths: US Census Bureau, 2020,
// rounded.
const living = [57, 61, 63, 64, 65, 68, 69, 66, 62, 61, 62, 65, 63, 54, 45, 31, 20, 13, 6, 2];
// Ages at death by the same bands: CDC WONDER, 2019, rounded.
const dying = [8, 1, 1, 4, 7, 9, 10, 12, 14, 20, 32, 50, 72, 90, 110, 125, 140, 145, 105, 45];
/** Share of the records that are of people who died within the last years of the record. */
const deceasedShare = 0.07;

export function person(random: Random, id: string, asOf: number): Person {
  const deceased = random.chance(deceasedShare);
  const age = ageFrom(random, deceased ? dying : living);
  const end = deceased ? asOf - Math.floor(random.between(1, 9 * 365)) * day : asOf;
  const birth = Math.floor((end - age * year) / day) * day - 4 * 3_600_000;
  const sex = random.chance(age > 75 ? 0.58 : 0.503) ? 'female' : 'male';
  const heritage = random.weighted(heritages, (row) => row.share);
  const grown = yearsBetween(birth, end);
  const family = familyName(random, heritage);
  const married = sex === 'female' && grown > 28 && random.chance(0.45);
  return {
    id,
    sex,
    given: givenNames(random, heritage, sex),
    family,
    ...(married ? { maidenName: random.frequent(heritage.family) } : {}),
    heritage,
    home: random.weighted(places, (row) => row.weight),
    birth,
    ...(deceased ? { death: end } : {}),
    end,
    start: Math.max(birth, end - recordYears * year),
    heightScore: clamp(random.normal()),
    bodyMassScore: clamp(random.normal()),
    smoking: smokingStatus(random, grown),
  };
}

const clamp = (score: number) => Math.min(Math.max(score, -2.4), 2.6);

function ageFrom(random: Random, bands: readonly number[]): number {
  const band = random.weighted([...bands.keys()], (index) => bands[index] ?? 0);
  return Math.max(band * 5 + random.unit() * 5, 10 / 365);
}

function givenNames(random: Random, heritage: Heritage, sex: 'female' | 'male'): string[] {
  const names = heritage[sex];
  const first = random.frequent(names);
  const second = random.chance(0.6) ? random.pick(names) : first;
  return second === first ? [first] : [first, second];
}

/** Families of Spanish and Portuguese speakers often carry two names. */
function familyName(random: Random, heritage: Heritage): string {
  const name = random.frequent(heritage.family);
  const second = random.frequent(heritage.family);
  return heritage.hispanic && second !== name && random.chance(0.35) ? `${name} ${second}` : name;
}

function smokingStatus(random: Random, age: number): Person['smoking'] {
  const draw = random.unit();
  if (age < 16 || draw > 0.36) return 'never';
  return draw < (age > 64 ? 0.09 : 0.14) ? 'current' : 'former';
}

export function ageAt(someone: Person, at: number): number {
  return yearsBetween(someone.birth, at);
}

export function isObese(someone: Person): boolean {
  const age = ageAt(someone, someone.end);
  return age >= 12 && bodyMassIndexAt(age, someone.bodyMassScore) >= 30;
}
