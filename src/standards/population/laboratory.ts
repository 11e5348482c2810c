import type { Analyte } from './analyte-list.ts';
import { instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { has, subject, write } from './chart.ts';
import { concept, quantity, reference, round, status, system } from './coding.ts';
import type { Panel, PanelName } from './laboratory-panel-list.ts';
import { panels } from './laboratory-panel-list.ts';
import { interpretation, writeObservation } from './observation.ts';
import { ageAt } from './person.ts';
import type { Elements } from './resource.ts';
import type { Visit } from './visit.ts';

/** Orders what this visit asks for, and writes results and reports. */
export function writeLaboratory(chart: Chart, visit: Visit): void {
  for (const name of ordered(chart, visit)) writePanel(chart, visit, panels[name]);
}

function ordered(chart: Chart, visit: Visit): Set<PanelName> {
  const { random, problems, person } = chart;
  const names = new Set<PanelName>();
  const age = ageAt(person, visit.start);
  if (visit.kind === 'inpatient') names.add('blood-count').add('comprehensive');
  if (visit.kind === 'emergency' && random.chance(0.3)) names.add('blood-count').add('metabolic');
  if (visit.kind === 'wellness') {
    if (random.chance(age < 18 ? 0.04 : 0.13)) names.add('blood-count');
    if (random.chance(age < 18 ? 0.01 : 0.08)) names.add('metabolic');
    if (random.chance(age < 18 ? 0.02 : age < 40 ? 0.1 : 0.17)) names.add('lipid');
    if (person.sex === 'male' && age >= 55 && age < 70 && random.chance(0.2)) names.add('prostate');
    for (const problem of problems) {
      if (problem.onset > visit.start) continue;
      for (const name of problem.chronic?.panels ?? []) if (random.chance(0.13)) names.add(name);
    }
  }
  if (visit.kind === 'follow-up') {
    for (const name of visit.problem?.chronic?.panels ?? [])
      if (random.chance(0.45)) names.add(name);
  }
  return names;
}

function writePanel(chart: Chart, visit: Visit, panel: Panel): void {
  const values = new Map<string, number>();
  const results = panel.analytes.map((analyte) => {
    const value = calculated(analyte, values) ?? measured(chart, visit, analyte);
    values.set(analyte.loinc[0], value);
    const id = writeResult(chart, visit, analyte, value);
    return reference('Observation', id, analyte.loinc[1]);
  });
  if (panel.loinc) writeReport(chart, visit, panel.loinc, results);
}

const friedewald = { total: '2093-3', triglyceride: '2571-8', high: '2085-9', low: '13457-7' };

/** Low density cholesterol is not measured: total − high − triglycerides ÷ 5 (Friedewald 1972). */
function calculated(analyte: Analyte, values: Map<string, number>): number | undefined {
  if (analyte.loinc[0] !== friedewald.low) return undefined;
  const [total, high, triglyceride] = [
    values.get(friedewald.total),
    values.get(friedewald.high),
    values.get(friedewald.triglyceride),
  ];
  if (total === undefined || high === undefined || triglyceride === undefined) return undefined;
  return Math.max(Math.round(total - high - triglyceride / 5), 20);
}

function measured(chart: Chart, visit: Visit, analyte: Analyte): number {
  const { person, random, levels } = chart;
  const key = analyte.loinc[0];
  const level = levels.get(key) ?? random.normal();
  levels.set(key, level);
  let value = analyte.mean + analyte.deviation * (0.75 * level + 0.5 * random.normal());
  for (const [key, shift] of analyte.shifts) {
    if (key === 'female') value += person.sex === 'female' ? shift : 0;
    else if (key === 'decade') value += (shift * Math.min(ageAt(person, visit.start), 65)) / 10;
    else if (has(chart, key, visit.start)) value += shift * random.between(0.6, 1.2);
  }
  return round(Math.max(value, analyte.mean / 6), analyte.decimals);
}

function writeResult(chart: Chart, visit: Visit, analyte: Analyte, value: number): string {
  const { unit, low, high } = analyte;
  const range: Elements = {
    ...(low === undefined ? {} : { low: quantity(low, unit) }),
    ...(high === undefined ? {} : { high: quantity(high, unit) }),
  };
  return writeObservation(
    chart,
    visit,
    { category: 'laboratory', loinc: analyte.loinc },
    {
      valueQuantity: quantity(value, unit),
      interpretation: interpretation(value, low, high),
      referenceRange: [range],
    },
  );
}

function writeReport(
  chart: Chart,
  visit: Visit,
  loinc: readonly [string, string],
  result: Elements[],
): void {
  const { organization } = chart.site;
  write(chart, 'DiagnosticReport', {
    status: 'final',
    category: [status('v2-0074', 'LAB')],
    code: concept(system.loinc, loinc),
    subject: subject(chart),
    encounter: reference('Encounter', visit.id),
    effectiveDateTime: instant(visit.start),
    issued: instant(visit.start),
    performer: [reference('Organization', organization.id, organization.name)],
    result,
  });
}
