import type { Code } from './coding.ts';

/** A clinical drug and how it is usually taken. */
export interface Drug {
  code: Code;
  /** One dose and its unit: `1 tablet`, `2 puff`. UCUM has no tablets: the code is `1`. */
  dose: number;
  unit: string;
  /** Doses a day. */
  perDay: number;
  asNeeded?: true;
  route: Code;
}

const oral: Code = ['26643006', 'Oral route (qualifier value)'];
const inhaled: Code = ['447694001', 'Respiratory tract route (qualifier value)'];
const skin: Code = ['6064005', 'Topical route (qualifier value)'];
const injected: Code = ['34206005', 'Subcutaneous route (qualifier value)'];

const tablet = (code: string, display: string, perDay = 1): Drug => ({
  code: [code, display],
  dose: 1,
  unit: 'tablet',
  perDay,
  route: oral,
});
const capsule = (code: string, display: string, perDay = 1): Drug => ({
  ...tablet(code, display, perDay),
  unit: 'capsule',
});
const inhaler = (code: string, display: string): Drug => ({
  code: [code, display],
  dose: 2,
  unit: 'puff',
  perDay: 2,
  route: inhaled,
});

// Codes: RxNorm (US National Library of Medicine). Routes: SNOMED CT.
export const lisinopril = tablet('314076', 'lisinopril 10 MG Oral Tablet');
export const hydrochlorothiazide = tablet('310798', 'hydrochlorothiazide 25 MG Oral Tablet');
export const amlodipine = tablet('197361', 'amlodipine 5 MG Oral Tablet');
export const losartan = tablet('979492', 'losartan potassium 50 MG Oral Tablet');
export const atorvastatin = tablet('617310', 'atorvastatin 20 MG Oral Tablet');
export const simvastatin = tablet('312961', 'simvastatin 20 MG Oral Tablet');
export const metformin = tablet('861007', 'metformin hydrochloride 500 MG Oral Tablet', 2);
export const insulinGlargine: Drug = {
  code: ['311041', 'insulin glargine 100 UNT/ML Injectable Solution'],
  dose: 20,
  unit: 'unit',
  perDay: 1,
  route: injected,
};
export const albuterol: Drug = {
  ...inhaler('745679', '200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler'),
  asNeeded: true,
};
export const fluticasone = inhaler(
  '895994',
  '120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler',
);
export const fluticasoneSalmeterol: Drug = {
  ...inhaler(
    '896209',
    '60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler',
  ),
  dose: 1,
};
export const aspirin = tablet('243670', 'aspirin 81 MG Oral Tablet');
export const metoprolol = tablet(
  '866436',
  '24 HR metoprolol succinate 50 MG Extended Release Oral Tablet',
);
export const clopidogrel = tablet('309362', 'clopidogrel 75 MG Oral Tablet');
export const nitroglycerin: Drug = {
  code: ['705129', 'nitroglycerin 0.4 MG/ACTUAT Mucosal Spray'],
  dose: 1,
  unit: 'spray',
  perDay: 1,
  asNeeded: true,
  route: ['37839007', 'Sublingual route (qualifier value)'],
};
export const furosemide = tablet('313988', 'furosemide 40 MG Oral Tablet');
export const carvedilol = tablet('200033', 'carvedilol 25 MG Oral Tablet', 2);
export const apixaban = tablet('1364445', 'apixaban 5 MG Oral Tablet', 2);
export const warfarin = tablet('855332', 'warfarin sodium 5 MG Oral Tablet');
export const levothyroxine = tablet('966222', 'levothyroxine sodium 0.075 MG Oral Tablet');
export const sertraline = tablet('312941', 'sertraline 50 MG Oral Tablet');
export const fluoxetine = capsule('310385', 'fluoxetine 20 MG Oral Capsule');
export const methylphenidate = tablet('1091166', 'methylphenidate hydrochloride 20 MG Oral Tablet');
export const naproxen: Drug = {
  ...tablet('849574', 'naproxen sodium 220 MG Oral Tablet', 2),
  asNeeded: true,
};
export const acetaminophen: Drug = {
  ...tablet('313782', 'acetaminophen 325 MG Oral Tablet', 4),
  asNeeded: true,
};
export const ibuprofen: Drug = {
  ...tablet('310965', 'ibuprofen 200 MG Oral Tablet', 3),
  asNeeded: true,
};
export const omeprazole = capsule('198051', 'omeprazole 20 MG Delayed Release Oral Capsule');
export const ferrousSulfate = tablet('310325', 'ferrous sulfate 325 MG Oral Tablet');
export const allopurinol = tablet('197319', 'allopurinol 100 MG Oral Tablet');
export const donepezil = tablet('997223', 'donepezil hydrochloride 10 MG Oral Tablet');
export const alendronicAcid = tablet('904419', 'alendronic acid 10 MG Oral Tablet');
export const cetirizine = tablet('1014676', 'cetirizine hydrochloride 5 MG Oral Tablet');
export const hydrocortisone: Drug = {
  code: ['106258', 'hydrocortisone 10 MG/ML Topical Cream'],
  dose: 1,
  unit: 'application',
  perDay: 2,
  route: skin,
};
export const anastrozole = tablet('199224', 'anastrozole 1 MG Oral Tablet');
export const tamoxifen = tablet('198240', 'tamoxifen 10 MG Oral Tablet', 2);
export const amoxicillin = capsule('308182', 'amoxicillin 250 MG Oral Capsule', 3);
export const amoxicillinClavulanate = tablet(
  '562251',
  'amoxicillin 250 MG / clavulanate 125 MG Oral Tablet',
  3,
);
export const penicillin = tablet('834102', 'penicillin V potassium 500 MG Oral Tablet', 4);
export const azithromycin = tablet('308460', 'azithromycin 250 MG Oral Tablet');
export const ciprofloxacin = tablet('197511', 'ciprofloxacin 250 MG Oral Tablet', 2);
