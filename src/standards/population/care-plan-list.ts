import type { Code } from './coding.ts';

/** What is agreed for a problem. Only long-lasting ones have a goal. */
export interface CarePlanContent {
  category: Code;
  activities: readonly Code[];
  goal?: string;
  target?: { loinc: Code; below: number; unit: string; ucum: string };
}

// Codes: SNOMED CT; targets: LOINC and UCUM.
const exercise: Code = ['229065009', 'Exercise therapy'];
const lessSalt: Code = ['386619000', 'Low sodium diet (finding)'];
const rest: Code = ['183051005', 'Recommendation to rest'];
const breathing: Code = ['371605008', 'Deep breathing and coughing exercises'];

export const diabetes: CarePlanContent = {
  category: ['698360004', 'Diabetes self management plan'],
  activities: [['160670007', 'Diabetic diet'], exercise],
  goal: 'Hemoglobin A1c below 7.0 %',
  target: {
    loinc: ['4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'],
    below: 7,
    unit: '%',
    ucum: '%',
  },
};
export const pressure: CarePlanContent = {
  category: ['443402002', 'Lifestyle education regarding hypertension'],
  activities: [lessSalt, exercise],
  goal: 'Systolic blood pressure below 140 mmHg',
  target: {
    loinc: ['8480-6', 'Systolic blood pressure'],
    below: 140,
    unit: 'mmHg',
    ucum: 'mm[Hg]',
  },
};
export const heart: CarePlanContent = {
  category: ['735984001', 'Heart failure self management plan'],
  activities: [['385715006', 'Cardiac care (regime/therapy)'], lessSalt],
  goal: 'No stay in hospital for heart failure within a year',
};
export const lungs: CarePlanContent = {
  category: ['412776001', 'Chronic obstructive pulmonary disease clinical management plan'],
  activities: [breathing, ['15081005', 'Pulmonary rehabilitation (regime/therapy)']],
  goal: 'Walks for six minutes without rest',
};
export const asthma: CarePlanContent = {
  category: ['699728000', 'Asthma self management'],
  activities: [
    ['58332002', 'Allergy education'],
    ['229298005', 'Breathing control'],
  ],
  goal: 'Uses the reliever at most twice a week',
};
export const lipids: CarePlanContent = {
  category: ['736285004', 'Hyperlipidemia clinical management plan'],
  activities: [['226234005', 'Healthy diet'], exercise],
  goal: 'Cholesterol below 200 mg/dL',
  target: {
    loinc: ['2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma'],
    below: 200,
    unit: 'mg/dL',
    ucum: 'mg/dL',
  },
};
export const respiratory: CarePlanContent = {
  category: ['53950000', 'Respiratory therapy'],
  activities: [['304510005', 'Recommendation to avoid exercise'], breathing],
};
export const physical: CarePlanContent = {
  category: ['91251008', 'Physical therapy procedure'],
  activities: [rest, ['229070002', 'Stretching exercises']],
};
export const wound: CarePlanContent = {
  category: ['225358003', 'Wound care'],
  activities: [['385949008', 'Dressing change management']],
};
export const fracture: CarePlanContent = {
  category: ['385691007', 'Fracture care'],
  activities: [rest, ['183301007', 'Physical exercises']],
};
export const headInjury: CarePlanContent = {
  category: ['47387005', 'Head injury rehabilitation'],
  activities: [rest],
};
