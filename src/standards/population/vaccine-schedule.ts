import type { Code } from './coding.ts';

/** A vaccine and the ages, in months, at which its doses are due. */
export interface Vaccine {
  code: Code;
  dueMonths: readonly number[];
  /** Share of people who take a dose that is due. */
  uptake: number;
  site: 'arm' | 'thigh' | 'mouth';
  maker: string;
  /** Not given before this year. */
  since: number;
}

type Row = readonly [string, string, readonly number[], number, Vaccine['site'], string, number];

const tenYearly = [252, 372, 492, 612, 732, 852, 972, 1092];

// Codes: CDC CVX. Ages: CDC immunization schedules for children and for adults, rounded to months.
const rows: readonly Row[] = [
  ['08', 'Hep B, adolescent or pediatric', [0, 1, 6], 0.92, 'thigh', 'Merck and Co., Inc.', 1991],
  ['119', 'rotavirus, monovalent', [2, 4], 0.8, 'mouth', 'GlaxoSmithKline', 2008],
  ['20', 'DTaP', [2, 4, 6, 15, 48], 0.92, 'thigh', 'Sanofi Pasteur', 1991],
  ['49', 'Hib (PRP-OMP)', [2, 4, 12], 0.9, 'thigh', 'Merck and Co., Inc.', 1990],
  ['133', 'Pneumococcal conjugate PCV 13', [2, 4, 6, 12], 0.9, 'thigh', 'Pfizer, Inc', 2010],
  ['10', 'IPV', [2, 4, 6, 48], 0.93, 'thigh', 'Sanofi Pasteur', 1987],
  ['03', 'MMR', [12, 48], 0.93, 'arm', 'Merck and Co., Inc.', 1971],
  ['21', 'varicella', [12, 48], 0.9, 'arm', 'Merck and Co., Inc.', 1995],
  ['83', 'Hep A, ped/adol, 2 dose', [12, 18], 0.82, 'thigh', 'GlaxoSmithKline', 1995],
  ['115', 'Tdap', [132], 0.88, 'arm', 'Sanofi Pasteur', 2005],
  ['165', 'HPV9', [132, 144], 0.65, 'arm', 'Merck and Co., Inc.', 2014],
  ['114', 'meningococcal MCV4P', [132, 192], 0.85, 'arm', 'Sanofi Pasteur', 2005],
  [
    '113',
    'Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed',
    tenYearly,
    0.65,
    'arm',
    'Sanofi Pasteur',
    1970,
  ],
  ['187', 'zoster recombinant', [600, 606], 0.4, 'arm', 'GlaxoSmithKline', 2017],
  ['33', 'pneumococcal polysaccharide PPV23', [780], 0.7, 'arm', 'Merck and Co., Inc.', 1983],
];

export const vaccines: readonly Vaccine[] = rows.map(
  ([code, display, dueMonths, uptake, site, maker, since]) => ({
    code: [code, display],
    dueMonths,
    uptake,
    site,
    maker,
    since,
  }),
);

export const influenza: Vaccine = {
  code: ['150', 'Influenza, split virus, quadrivalent, PF'],
  dueMonths: [],
  uptake: 0.78,
  site: 'arm',
  maker: 'Seqirus',
  since: 2013,
};
export const earlierInfluenza: Vaccine = {
  ...influenza,
  code: ['140', 'Influenza, split virus, trivalent, PF'],
};
export const covid: Vaccine = {
  code: ['208', 'COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose'],
  dueMonths: [],
  uptake: 0.7,
  site: 'arm',
  maker: 'Pfizer, Inc',
  since: 2021,
};
