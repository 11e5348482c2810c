import { date, day, instant, yearsBetween } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import type { Code } from './coding.ts';
import { concept, quantity, reference, status, system, terminology } from './coding.ts';
import type { Vaccine } from './vaccine-schedule.ts';
import { covid, earlierInfluenza, influenza, vaccines } from './vaccine-schedule.ts';
import type { Visit } from './visit.ts';

const sites: Readonly<Record<Vaccine['site'], { site: Code; route: Code } | undefined>> = {
  arm: { site: ['LA', 'left arm'], route: ['IM', 'Injection, intramuscular'] },
  thigh: { site: ['LT', 'left thigh'], route: ['IM', 'Injection, intramuscular'] },
  mouth: undefined,
};

/** Doses that came due since the last wellness visit, influenza once a year, COVID-19 from 2021. */
export function writeImmunizations(chart: Chart, visit: Visit, previous: Visit | undefined): void {
  const { person, random } = chart;
  const months = yearsBetween(person.birth, visit.start) * 12;
  const before = previous ? yearsBetween(person.birth, previous.start) * 12 : earlier(months);
  const calendarYear = new Date(visit.start).getUTCFullYear();
  for (const vaccine of vaccines) {
    if (vaccine.since > calendarYear) continue;
    const dose = vaccine.dueMonths.findIndex((due) => due > before && due <= months);
    if (dose >= 0 && random.chance(vaccine.uptake)) writeOne(chart, visit, vaccine, dose + 1);
  }
  if (months >= 6 && random.chance(influenza.uptake)) {
    writeOne(chart, visit, calendarYear < influenza.since ? earlierInfluenza : influenza, 1);
  }
  if (months >= 72 && calendarYear >= covid.since && random.chance(covid.uptake * 0.6)) {
    writeOne(chart, visit, covid, 1);
  }
}

/** The first visit of an infant catches up from birth; that of others only the last half year. */
function earlier(months: number): number {
  return months < 4 ? -1 : months - 6;
}

function writeOne(chart: Chart, visit: Visit, vaccine: Vaccine, dose: number): void {
  const { random, practitioner, site } = chart;
  const given = sites[vaccine.site];
  const series = vaccine.dueMonths.length;
  write(chart, 'Immunization', {
    status: 'completed',
    vaccineCode: concept(system.cvx, vaccine.code),
    patient: subject(chart),
    encounter: reference('Encounter', visit.id),
    occurrenceDateTime: instant(visit.start),
    primarySource: true,
    location: reference('Location', site.office.id, site.office.name),
    manufacturer: { display: vaccine.maker },
    lotNumber: `X${random.digits(5)}`,
    expirationDate: date(visit.start + random.integer(60, 500) * day),
    ...(given
      ? {
          site: concept(terminology('v3-ActSite'), given.site),
          route: concept(terminology('v3-RouteOfAdministration'), given.route),
        }
      : {}),
    doseQuantity: quantity(given ? 0.5 : 1, 'mL'),
    performer: [
      {
        function: status('v2-0443', 'AP'),
        actor: reference('Practitioner', practitioner.id, practitioner.name),
      },
    ],
    ...(series > 1
      ? { protocolApplied: [{ doseNumberPositiveInt: dose, seriesDosesPositiveInt: series }] }
      : {}),
  });
}
