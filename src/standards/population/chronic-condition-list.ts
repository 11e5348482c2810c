import type { Code } from './coding.ts';
import type { Drug } from './drug-list.ts';
import * as drug from './drug-list.ts';
import type { PanelName } from './laboratory-panel-list.ts';

/** What stays: how common it is, what it is treated with, how it is watched. */
export interface ChronicCondition {
  key: string;
  code: Code;
  icd10: Code;
  /** Share of people who have it, in percent, at ages 0–17, 18–39, 40–64, 65 and over. */
  prevalence: readonly [number, number, number, number];
  earliestAge: number;
  sex?: 'female' | 'male';
  /** How many times likelier with a body mass index of 30 or more. */
  withObesity?: number;
  drugs: readonly Drug[];
  panels: readonly PanelName[];
  followUpsPerYear: number;
  plan?: CarePlanContent;
}

export interface CarePlanContent {
  category: Code;
  activities: readonly Code[];
  goal: string;
  target?: { loinc: Code; below: number; unit: string; ucum: string };
}

const diet: Code = ['160670007', 'Diabetic diet'];
const exercise: Code = ['229065009', 'Exercise therapy'];
const cardiac: Code = ['385715006', 'Cardiac care (regime/therapy)'];
const lessSalt: Code = ['386619000', 'Low sodium diet (finding)'];

const diabetesPlan: CarePlanContent = {
  category: ['698360004', 'Diabetes self management plan'],
  activities: [diet, exercise],
  goal: 'Hemoglobin A1c below 7.0 %',
  target: {
    loinc: ['4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'],
    below: 7,
    unit: '%',
    ucum: '%',
  },
};
const pressurePlan: CarePlanContent = {
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
const heartPlan: CarePlanContent = {
  category: ['735984001', 'Heart failure self management plan'],
  activities: [cardiac, lessSalt],
  goal: 'No stay in hospital for heart failure within a year',
};
const breathingPlan: CarePlanContent = {
  category: ['53950000', 'Respiratory therapy'],
  activities: [
    ['371605008', 'Deep breathing and coughing exercises'],
    ['15081005', 'Pulmonary rehabilitation (regime/therapy)'],
  ],
  goal: 'Walks for six minutes without rest',
};
const asthmaPlan: CarePlanContent = {
  category: ['699728000', 'Asthma self management'],
  activities: [
    ['58332002', 'Allergy education'],
    ['229298005', 'Breathing control'],
  ],
  goal: 'Uses the reliever at most twice a week',
};

// Codes: SNOMED CT (international edition) and ICD-10-CM. Prevalence: rounded from CDC NHIS and NHANES.
export const chronicConditions: readonly ChronicCondition[] = [
  {
    key: 'hypertension',
    code: ['59621000', 'Essential hypertension (disorder)'],
    icd10: ['I10', 'Essential (primary) hypertension'],
    prevalence: [0, 7, 33, 62],
    earliestAge: 22,
    withObesity: 1.5,
    drugs: [drug.lisinopril, drug.hydrochlorothiazide, drug.amlodipine, drug.losartan],
    panels: ['metabolic'],
    followUpsPerYear: 0.3,
    plan: pressurePlan,
  },
  {
    key: 'hyperlipidemia',
    code: ['55822004', 'Hyperlipidemia (disorder)'],
    icd10: ['E78.5', 'Hyperlipidemia, unspecified'],
    prevalence: [0, 6, 28, 45],
    earliestAge: 25,
    withObesity: 1.4,
    drugs: [drug.atorvastatin, drug.simvastatin],
    panels: ['lipid'],
    followUpsPerYear: 0.12,
  },
  {
    key: 'diabetes',
    code: ['44054006', 'Diabetes mellitus type 2 (disorder)'],
    icd10: ['E11.9', 'Type 2 diabetes mellitus without complications'],
    prevalence: [0, 2, 10, 20],
    earliestAge: 25,
    withObesity: 2.2,
    drugs: [drug.metformin, drug.insulinGlargine],
    panels: ['a1c', 'metabolic', 'albuminuria'],
    followUpsPerYear: 0.7,
    plan: diabetesPlan,
  },
  {
    key: 'prediabetes',
    code: ['714628002', 'Prediabetes (finding)'],
    icd10: ['R73.03', 'Prediabetes'],
    prevalence: [0, 8, 17, 18],
    earliestAge: 20,
    withObesity: 1.6,
    drugs: [],
    panels: ['a1c'],
    followUpsPerYear: 0,
    plan: diabetesPlan,
  },
  {
    key: 'asthma',
    code: ['195967001', 'Asthma (disorder)'],
    icd10: ['J45.909', 'Unspecified asthma, uncomplicated'],
    prevalence: [8, 8, 8, 6],
    earliestAge: 2,
    withObesity: 1.3,
    drugs: [drug.albuterol, drug.fluticasone],
    panels: [],
    followUpsPerYear: 0.2,
    plan: asthmaPlan,
  },
  {
    key: 'copd',
    code: ['13645005', 'Chronic obstructive lung disease (disorder)'],
    icd10: ['J44.9', 'Chronic obstructive pulmonary disease, unspecified'],
    prevalence: [0, 0, 5, 11],
    earliestAge: 42,
    drugs: [drug.albuterol, drug.fluticasoneSalmeterol],
    panels: [],
    followUpsPerYear: 0.4,
    plan: breathingPlan,
  },
  {
    key: 'coronary',
    code: ['53741008', 'Coronary arteriosclerosis (disorder)'],
    icd10: [
      'I25.10',
      'Atherosclerotic heart disease of native coronary artery without angina pectoris',
    ],
    prevalence: [0, 0, 5, 17],
    earliestAge: 40,
    withObesity: 1.2,
    drugs: [drug.aspirin, drug.metoprolol, drug.clopidogrel, drug.nitroglycerin],
    panels: ['lipid'],
    followUpsPerYear: 0.3,
  },
  {
    key: 'heart-failure',
    code: ['42343007', 'Congestive heart failure (disorder)'],
    icd10: ['I50.9', 'Heart failure, unspecified'],
    prevalence: [0, 0, 1.5, 8],
    earliestAge: 45,
    drugs: [drug.furosemide, drug.carvedilol],
    panels: ['metabolic'],
    followUpsPerYear: 0.7,
    plan: heartPlan,
  },
  {
    key: 'fibrillation',
    code: ['49436004', 'Atrial fibrillation (disorder)'],
    icd10: ['I48.91', 'Unspecified atrial fibrillation'],
    prevalence: [0, 0, 1.5, 9],
    earliestAge: 45,
    drugs: [drug.apixaban, drug.warfarin],
    panels: [],
    followUpsPerYear: 0.4,
  },
  {
    key: 'hypothyroidism',
    code: ['40930008', 'Hypothyroidism (disorder)'],
    icd10: ['E03.9', 'Hypothyroidism, unspecified'],
    prevalence: [0.2, 2, 5, 9],
    earliestAge: 8,
    drugs: [drug.levothyroxine],
    panels: ['thyroid'],
    followUpsPerYear: 0.2,
  },
  {
    key: 'depression',
    code: ['370143000', 'Major depressive disorder (disorder)'],
    icd10: ['F32.9', 'Major depressive disorder, single episode, unspecified'],
    prevalence: [3, 10, 9, 6],
    earliestAge: 12,
    drugs: [drug.sertraline, drug.fluoxetine],
    panels: [],
    followUpsPerYear: 0.4,
  },
  {
    key: 'anxiety',
    code: ['197480006', 'Anxiety disorder (disorder)'],
    icd10: ['F41.9', 'Anxiety disorder, unspecified'],
    prevalence: [4, 10, 8, 5],
    earliestAge: 8,
    drugs: [drug.sertraline],
    panels: [],
    followUpsPerYear: 0.2,
  },
  {
    key: 'alcohol',
    code: ['66590003', 'Alcohol dependence (disorder)'],
    icd10: ['F10.20', 'Alcohol dependence, uncomplicated'],
    prevalence: [0, 3, 3, 1.5],
    earliestAge: 18,
    drugs: [],
    panels: ['comprehensive'],
    followUpsPerYear: 0.2,
  },
  {
    key: 'attention',
    code: ['406506008', 'Attention deficit hyperactivity disorder (disorder)'],
    icd10: ['F90.9', 'Attention-deficit hyperactivity disorder, unspecified type'],
    prevalence: [8, 3, 1, 0],
    earliestAge: 5,
    drugs: [drug.methylphenidate],
    panels: [],
    followUpsPerYear: 0.3,
  },
  {
    key: 'osteoarthritis',
    code: ['396275006', 'Osteoarthritis (disorder)'],
    icd10: ['M19.90', 'Unspecified osteoarthritis, unspecified site'],
    prevalence: [0, 1, 14, 38],
    earliestAge: 35,
    withObesity: 1.4,
    drugs: [drug.naproxen, drug.acetaminophen],
    panels: [],
    followUpsPerYear: 0.08,
  },
  {
    key: 'reflux',
    code: ['235595009', 'Gastroesophageal reflux disease (disorder)'],
    icd10: ['K21.9', 'Gastro-esophageal reflux disease without esophagitis'],
    prevalence: [1, 7, 16, 20],
    earliestAge: 10,
    withObesity: 1.4,
    drugs: [drug.omeprazole],
    panels: [],
    followUpsPerYear: 0.05,
  },
  {
    key: 'kidney',
    code: ['433144002', 'Chronic kidney disease stage 3 (disorder)'],
    icd10: ['N18.30', 'Chronic kidney disease, stage 3 unspecified'],
    prevalence: [0, 0.4, 3, 15],
    earliestAge: 35,
    withObesity: 1.2,
    drugs: [],
    panels: ['metabolic', 'albuminuria'],
    followUpsPerYear: 0.4,
  },
  {
    key: 'anemia',
    code: ['271737000', 'Anemia (disorder)'],
    icd10: ['D64.9', 'Anemia, unspecified'],
    prevalence: [3, 6, 5, 10],
    earliestAge: 1,
    drugs: [drug.ferrousSulfate],
    panels: ['blood-count'],
    followUpsPerYear: 0.1,
  },
  {
    key: 'migraine',
    code: ['37796009', 'Migraine (disorder)'],
    icd10: ['G43.909', 'Migraine, unspecified, not intractable, without status migrainosus'],
    prevalence: [3, 15, 12, 4],
    earliestAge: 7,
    drugs: [drug.naproxen],
    panels: [],
    followUpsPerYear: 0.1,
  },
  {
    key: 'gout',
    code: ['90560007', 'Gout (disorder)'],
    icd10: ['M10.9', 'Gout, unspecified'],
    prevalence: [0, 1, 4, 8],
    earliestAge: 28,
    withObesity: 1.8,
    drugs: [drug.allopurinol],
    panels: [],
    followUpsPerYear: 0.1,
  },
  {
    key: 'dementia',
    code: ['26929004', "Alzheimer's disease (disorder)"],
    icd10: ['G30.9', "Alzheimer's disease, unspecified"],
    prevalence: [0, 0, 0.1, 10],
    earliestAge: 60,
    drugs: [drug.donepezil],
    panels: [],
    followUpsPerYear: 0.3,
  },
  {
    key: 'osteoporosis',
    code: ['64859006', 'Osteoporosis (disorder)'],
    icd10: ['M81.0', 'Age-related osteoporosis without current pathological fracture'],
    prevalence: [0, 0, 5, 24],
    earliestAge: 48,
    sex: 'female',
    drugs: [drug.alendronicAcid],
    panels: [],
    followUpsPerYear: 0.1,
  },
  {
    key: 'hay-fever',
    code: ['61582004', 'Allergic rhinitis (disorder)'],
    icd10: ['J30.9', 'Allergic rhinitis, unspecified'],
    prevalence: [12, 14, 13, 9],
    earliestAge: 3,
    drugs: [drug.cetirizine],
    panels: [],
    followUpsPerYear: 0.03,
  },
  {
    key: 'eczema',
    code: ['24079001', 'Atopic dermatitis (disorder)'],
    icd10: ['L20.9', 'Atopic dermatitis, unspecified'],
    prevalence: [11, 5, 4, 3],
    earliestAge: 0.3,
    drugs: [drug.hydrocortisone],
    panels: [],
    followUpsPerYear: 0.05,
  },
  {
    key: 'breast-cancer',
    code: ['254837009', 'Malignant neoplasm of breast (disorder)'],
    icd10: ['C50.919', 'Malignant neoplasm of unspecified site of unspecified female breast'],
    prevalence: [0, 0.1, 1.8, 6],
    earliestAge: 32,
    sex: 'female',
    drugs: [drug.anastrozole, drug.tamoxifen],
    panels: ['blood-count'],
    followUpsPerYear: 0.6,
  },
  {
    key: 'prostate-cancer',
    code: ['399068003', 'Malignant tumor of prostate (disorder)'],
    icd10: ['C61', 'Malignant neoplasm of prostate'],
    prevalence: [0, 0, 0.8, 8],
    earliestAge: 48,
    sex: 'male',
    drugs: [],
    panels: ['prostate'],
    followUpsPerYear: 0.4,
  },
];

/** Follows from the body mass index, so it is not drawn. */
export const obesity: ChronicCondition = {
  key: 'obesity',
  code: ['162864005', 'Body mass index 30+ - obesity (finding)'],
  icd10: ['E66.9', 'Obesity, unspecified'],
  prevalence: [0, 0, 0, 0],
  earliestAge: 10,
  drugs: [],
  panels: ['lipid'],
  followUpsPerYear: 0,
};
