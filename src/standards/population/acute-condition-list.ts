import type { CarePlanContent } from './care-plan-list.ts';
import * as carePlan from './care-plan-list.ts';
import type { Code } from './coding.ts';
import type { Drug } from './drug-list.ts';
import * as drug from './drug-list.ts';

/** What comes and goes: one visit, perhaps a drug and a procedure, over after some days. */
export interface AcuteCondition {
  code: Code;
  icd10: Code;
  /** How often, among all acute reasons, at ages 0–17, 18–64, 65 and over. */
  weights: readonly [number, number, number];
  days: readonly [number, number];
  setting: 'office' | 'emergency' | 'hospital';
  fever: boolean;
  drugs: readonly Drug[];
  procedures: readonly Code[];
  plan?: CarePlanContent;
}

const swab: Code = ['117015009', 'Throat culture (procedure)'];
const chestXray: Code = ['399208008', 'Plain chest X-ray (procedure)'];
const immobilize: Code = ['274474001', 'Bone immobilization (procedure)'];
const suture: Code = ['288086009', 'Suture open wound (procedure)'];
const electrocardiogram: Code = ['29303009', 'Electrocardiographic procedure (procedure)'];
const urineCulture: Code = ['117010004', 'Urine culture (procedure)'];

// Codes: SNOMED CT and ICD-10-CM. Weights: rounded from CDC NAMCS/NHAMCS reasons for visits.
export const acuteConditions: readonly AcuteCondition[] = [
  {
    code: ['444814009', 'Viral sinusitis (disorder)'],
    icd10: ['J01.90', 'Acute sinusitis, unspecified'],
    weights: [14, 22, 16],
    days: [7, 21],
    setting: 'office',
    fever: true,
    drugs: [],
    procedures: [],
  },
  {
    code: ['195662009', 'Acute viral pharyngitis (disorder)'],
    icd10: ['J02.9', 'Acute pharyngitis, unspecified'],
    weights: [18, 14, 7],
    days: [5, 14],
    setting: 'office',
    fever: true,
    drugs: [drug.acetaminophen],
    procedures: [swab],
  },
  {
    code: ['10509002', 'Acute bronchitis (disorder)'],
    icd10: ['J20.9', 'Acute bronchitis, unspecified'],
    weights: [8, 12, 14],
    days: [10, 28],
    setting: 'office',
    fever: true,
    drugs: [drug.acetaminophen],
    procedures: [chestXray],
    plan: carePlan.respiratory,
  },
  {
    code: ['65363002', 'Otitis media (disorder)'],
    icd10: ['H66.90', 'Otitis media, unspecified, unspecified ear'],
    weights: [24, 3, 1],
    days: [7, 21],
    setting: 'office',
    fever: true,
    drugs: [drug.amoxicillin],
    procedures: [],
  },
  {
    code: ['43878008', 'Streptococcal sore throat (disorder)'],
    icd10: ['J02.0', 'Streptococcal pharyngitis'],
    weights: [12, 4, 1],
    days: [7, 14],
    setting: 'office',
    fever: true,
    drugs: [drug.penicillin],
    procedures: [swab],
  },
  {
    code: ['75498004', 'Acute bacterial sinusitis (disorder)'],
    icd10: ['J01.91', 'Acute recurrent sinusitis, unspecified'],
    weights: [3, 6, 4],
    days: [10, 28],
    setting: 'office',
    fever: true,
    drugs: [drug.amoxicillinClavulanate],
    procedures: [],
  },
  {
    code: ['68566005', 'Urinary tract infectious disease (disorder)'],
    icd10: ['N39.0', 'Urinary tract infection, site not specified'],
    weights: [2, 8, 12],
    days: [5, 12],
    setting: 'office',
    fever: false,
    drugs: [drug.ciprofloxacin],
    procedures: [urineCulture],
  },
  {
    code: ['44465007', 'Sprain of ankle (disorder)'],
    icd10: ['S93.409A', 'Sprain of unspecified ligament of unspecified ankle, initial encounter'],
    weights: [6, 9, 4],
    days: [14, 42],
    setting: 'office',
    fever: false,
    drugs: [drug.ibuprofen],
    procedures: [],
    plan: carePlan.physical,
  },
  {
    code: ['279039007', 'Low back pain (finding)'],
    icd10: ['M54.50', 'Low back pain, unspecified'],
    weights: [0.5, 12, 14],
    days: [14, 60],
    setting: 'office',
    fever: false,
    drugs: [drug.naproxen],
    procedures: [],
    plan: carePlan.physical,
  },
  {
    code: ['283371005', 'Laceration of forearm (disorder)'],
    icd10: [
      'S51.819A',
      'Laceration without foreign body of unspecified forearm, initial encounter',
    ],
    weights: [4, 4, 4],
    days: [14, 28],
    setting: 'emergency',
    fever: false,
    drugs: [drug.acetaminophen],
    procedures: [suture],
    plan: carePlan.wound,
  },
  {
    code: ['263102004', 'Fracture subluxation of wrist (disorder)'],
    icd10: [
      'S62.109A',
      'Fracture of unspecified carpal bone, unspecified wrist, initial encounter',
    ],
    weights: [4, 2, 4],
    days: [42, 90],
    setting: 'emergency',
    fever: false,
    drugs: [drug.acetaminophen],
    procedures: [immobilize],
    plan: carePlan.fracture,
  },
  {
    code: ['62106007', 'Concussion with no loss of consciousness (disorder)'],
    icd10: ['S06.0X0A', 'Concussion without loss of consciousness, initial encounter'],
    weights: [3, 1.5, 2],
    days: [14, 60],
    setting: 'emergency',
    fever: false,
    drugs: [],
    procedures: [],
    plan: carePlan.headInjury,
  },
  {
    code: ['29857009', 'Chest pain (finding)'],
    icd10: ['R07.9', 'Chest pain, unspecified'],
    weights: [0.3, 3, 6],
    days: [5, 10],
    setting: 'emergency',
    fever: false,
    drugs: [drug.aspirin],
    procedures: [electrocardiogram, chestXray],
  },
  {
    code: ['233604007', 'Pneumonia (disorder)'],
    icd10: ['J18.9', 'Pneumonia, unspecified organism'],
    weights: [1, 1, 6],
    days: [14, 35],
    setting: 'hospital',
    fever: true,
    drugs: [drug.azithromycin],
    procedures: [chestXray],
  },
  {
    code: ['74400008', 'Appendicitis (disorder)'],
    icd10: ['K37', 'Unspecified appendicitis'],
    weights: [0.7, 0.6, 0.3],
    days: [10, 20],
    setting: 'hospital',
    fever: true,
    drugs: [drug.ibuprofen],
    procedures: [['80146002', 'Appendectomy (procedure)']],
  },
  {
    code: [
      '840539006',
      'Disease caused by severe acute respiratory syndrome coronavirus 2 (disorder)',
    ],
    icd10: ['U07.1', 'COVID-19'],
    weights: [5, 6, 8],
    days: [7, 28],
    setting: 'office',
    fever: true,
    drugs: [drug.acetaminophen],
    procedures: [],
  },
];

/** First seen in people at the end of 2019: no record of it before. */
export const covidSince = Date.UTC(2020, 1, 15);
export const covidCode = '840539006';
