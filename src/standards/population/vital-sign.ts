import type { Chart } from './chart.ts';
import { has } from './chart.ts';
import type { Code } from './coding.ts';
import { concept, quantity, round, system } from './coding.ts';
import * as growth from './growth-chart.ts';
import { interpretation, writeObservation } from './observation.ts';
import { ageAt } from './person.ts';
import type { Elements } from './resource.ts';
import type { Visit } from './visit.ts';

// LOINC codes and units: FHIR R4 observation-vitalsigns.html.
const code = {
  height: ['8302-2', 'Body height'],
  weight: ['29463-7', 'Body weight'],
  bodyMassIndex: ['39156-5', 'Body mass index (BMI) [Ratio]'],
  head: ['9843-4', 'Head Occipital-frontal circumference'],
  pressure: ['85354-9', 'Blood pressure panel with all children optional'],
  systolic: ['8480-6', 'Systolic blood pressure'],
  diastolic: ['8462-4', 'Diastolic blood pressure'],
  heartRate: ['8867-4', 'Heart rate'],
  respiratoryRate: ['9279-1', 'Respiratory rate'],
  temperature: ['8310-5', 'Body temperature'],
  oxygen: ['2708-6', 'Oxygen saturation in Arterial blood'],
  smoking: ['72166-2', 'Tobacco smoking status'],
  pain: ['72514-3', 'Pain severity - 0-10 verbal numeric rating [Score] - Reported'],
} as const satisfies Record<string, Code>;

const smoking: Readonly<Record<'never' | 'former' | 'current', Code>> = {
  never: ['266919005', 'Never smoked tobacco (finding)'],
  former: ['8517006', 'Ex-smoker (finding)'],
  current: ['449868002', 'Smokes tobacco daily (finding)'],
};

type Measure = (loinc: Code, elements: Elements) => void;

export function writeVitalSigns(chart: Chart, visit: Visit): void {
  const measure: Measure = (loinc, elements) => {
    writeObservation(chart, visit, { category: 'vital-signs', loinc }, elements);
  };
  const whole = visit.kind === 'wellness' || visit.kind === 'inpatient';
  if (whole) body(chart, visit, measure);
  if (visit.kind === 'screening') return;
  circulation(chart, visit, measure, whole);
  const feverish = visit.problem?.acute?.fever === true;
  if (feverish || visit.kind === 'inpatient') temperature(chart, feverish, measure);
  if (whole) survey(chart, visit);
}

function body(chart: Chart, visit: Visit, measure: Measure): void {
  const { person, random } = chart;
  const age = ageAt(person, visit.start);
  const height = round(growth.heightAt(age, person.sex, person.heightScore), 1);
  const index = growth.bodyMassIndexAt(age, person.bodyMassScore + random.normal() * 0.12);
  const weight = round(index * (height / 100) ** 2, 1);
  measure(code.height, { valueQuantity: quantity(height, 'cm') });
  measure(code.weight, { valueQuantity: quantity(weight, 'kg') });
  if (age < 2) {
    const head = round(growth.headCircumferenceAt(age) + random.normal() * 0.9, 1);
    measure(code.head, { valueQuantity: quantity(head, 'cm') });
  } else {
    // From the rounded height and weight, so that whoever computes it again finds the same.
    const bodyMassIndex = round(weight / (height / 100) ** 2, 1);
    const range = age < 20 ? [] : interpretation(bodyMassIndex, 18.5, 24.9);
    measure(code.bodyMassIndex, {
      valueQuantity: quantity(bodyMassIndex, 'kg/m2'),
      ...(range.length > 0 ? { interpretation: range } : {}),
    });
  }
}

function circulation(chart: Chart, visit: Visit, measure: Measure, whole: boolean): void {
  const { person, random } = chart;
  const age = ageAt(person, visit.start);
  if (age >= 3) measure(code.pressure, pressure(chart, visit, age));
  if (!whole && !random.chance(0.4)) return;
  const fast = visit.problem?.acute?.fever ? 1.1 : 1;
  const beats = Math.round((growth.heartRateAt(age) + random.normal() * 8) * fast);
  measure(code.heartRate, { valueQuantity: quantity(beats, '/min') });
  const breaths = Math.round(growth.respiratoryRateAt(age) + random.normal() * 1.5);
  if (whole && random.chance(0.5))
    measure(code.respiratoryRate, { valueQuantity: quantity(breaths, '/min') });
  if (visit.kind === 'inpatient' || has(chart, 'copd', visit.start) || random.chance(0.08)) {
    const saturation = Math.min(Math.round(97.5 + random.normal() * 1.2), 100);
    const lower = has(chart, 'copd', visit.start) ? 4 : 0;
    measure(code.oxygen, { valueQuantity: quantity(saturation - lower, '%') });
  }
}

function pressure(chart: Chart, visit: Visit, age: number): Elements {
  const { person, random } = chart;
  const raised = has(chart, 'hypertension', visit.start) ? 17 : 0;
  const heavy = age > 18 ? person.bodyMassScore * 3 : 0;
  const systolic = Math.round(growth.systolicAt(age) + raised + heavy + random.normal() * 7);
  const diastolic = Math.round(systolic * (age < 13 ? 0.61 : 0.63) + random.normal() * 4);
  const part = (loinc: Code, value: number, low: number, high: number): Elements => ({
    code: concept(system.loinc, loinc),
    valueQuantity: quantity(value, 'mmHg', 'mm[Hg]'),
    ...(age < 13 ? {} : { interpretation: interpretation(value, low, high) }),
  });
  return {
    component: [part(code.systolic, systolic, 90, 139), part(code.diastolic, diastolic, 50, 89)],
  };
}

function temperature(chart: Chart, feverish: boolean, measure: Measure): void {
  const { random } = chart;
  const usual = feverish ? 38.1 + Math.abs(random.normal()) * 0.5 : 36.8 + random.normal() * 0.2;
  const degrees = round(usual, 1);
  measure(code.temperature, {
    valueQuantity: quantity(degrees, 'Cel'),
    interpretation: interpretation(degrees, 36, 37.9),
  });
}

function survey(chart: Chart, visit: Visit): void {
  const { person, random } = chart;
  const age = ageAt(person, visit.start);
  if (age >= 5 && random.chance(0.7)) {
    const hurting = has(chart, 'osteoarthritis', visit.start) ? 4 : 1;
    const score = Math.min(random.integer(0, hurting + 1), 10);
    writeObservation(
      chart,
      visit,
      { category: 'survey', loinc: code.pain },
      { valueQuantity: quantity(score, '{score}') },
    );
  }
  if (age < 13) return;
  writeObservation(
    chart,
    visit,
    { category: 'social-history', loinc: code.smoking },
    { valueCodeableConcept: concept(system.snomed, smoking[age < 16 ? 'never' : person.smoking]) },
  );
}
