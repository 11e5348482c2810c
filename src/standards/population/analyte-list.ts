import type { Code } from './coding.ts';

/**
 * One measurement: what healthy adults have, where the laboratory draws the line, what moves it.
 */
export interface Analyte {
  loinc: Code;
  /** As UCUM writes it. */
  unit: string;
  mean: number;
  deviation: number;
  decimals: number;
  low?: number;
  high?: number;
  /** How much a chronic condition, by its key, or being `female`, or a `decade` of age adds. */
  shifts: readonly (readonly [key: string, shift: number])[];
}

// Codes: LOINC 2.7x. Reference ranges: MedlinePlus (US National Library of Medicine), adults.
// code | name | unit | mean deviation decimals | low high (- for none) | what moves it by how much
const basicMetabolic = `
2345-7  | Glucose [Mass/volume] in Serum or Plasma | mg/dL | 88 9 0 | 70 99 | diabetes 55 prediabetes 18
3094-0  | Urea nitrogen [Mass/volume] in Serum or Plasma | mg/dL | 13 3 0 | 7 20 | kidney 14
2160-0  | Creatinine [Mass/volume] in Serum or Plasma | mg/dL | .98 .12 2 | .6 1.3 | kidney .65 female -.18
17861-6 | Calcium [Mass/volume] in Serum or Plasma | mg/dL | 9.4 .35 1 | 8.5 10.2 |
2951-2  | Sodium [Moles/volume] in Serum or Plasma | mmol/L | 140 2 0 | 136 144 | heart-failure -2
2823-3  | Potassium [Moles/volume] in Serum or Plasma | mmol/L | 4.3 .32 1 | 3.7 5.2 | kidney .4
2075-0  | Chloride [Moles/volume] in Serum or Plasma | mmol/L | 103 2.2 0 | 98 107 |
2028-9  | Carbon dioxide, total [Moles/volume] in Serum or Plasma | mmol/L | 25.5 1.8 0 | 22 29 |`;
const liver = `
2885-2  | Protein [Mass/volume] in Serum or Plasma | g/dL | 7.1 .4 1 | 6 8.3 |
1751-7  | Albumin [Mass/volume] in Serum or Plasma | g/dL | 4.3 .3 1 | 3.4 5.4 |
1975-2  | Bilirubin.total [Mass/volume] in Serum or Plasma | mg/dL | .6 .2 1 | .1 1.2 |
6768-6  | Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma | U/L | 75 18 0 | 44 147 |
1742-6  | Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma | U/L | 23 8 0 | 7 56 | alcohol 28 obesity 6
1920-8  | Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma | U/L | 22 6 0 | 10 40 | alcohol 38`;
const bloodCount = `
6690-2  | Leukocytes [#/volume] in Blood by Automated count | 10*3/uL | 7 1.6 1 | 4.5 11 |
789-8   | Erythrocytes [#/volume] in Blood by Automated count | 10*6/uL | 5 .35 2 | 3.9 5.7 | female -.5 anemia -.7
718-7   | Hemoglobin [Mass/volume] in Blood | g/dL | 14.9 .9 1 | 12 17.5 | female -1.5 anemia -3.2 kidney -1
4544-3  | Hematocrit [Volume Fraction] of Blood by Automated count | % | 44.5 2.5 1 | 35 50 | female -4.2 anemia -9 kidney -3
787-2   | MCV [Entitic volume] by Automated count | fL | 89 4 1 | 80 100 | anemia -8 alcohol 6
785-6   | MCH [Entitic mass] by Automated count | pg | 30 1.4 1 | 27 33 | anemia -3.5
786-4   | MCHC [Mass/volume] by Automated count | g/dL | 33.8 .8 1 | 32 36 |
788-0   | Erythrocyte distribution width [Ratio] by Automated count | % | 13.2 .7 1 | 11.5 14.5 | anemia 2.2
777-3   | Platelets [#/volume] in Blood by Automated count | 10*3/uL | 250 48 0 | 150 400 |
32623-1 | Platelet mean volume [Entitic volume] in Blood by Automated count | fL | 10.2 .8 1 | 7.5 12.5 |`;
const lipid = `
2093-3  | Cholesterol [Mass/volume] in Serum or Plasma | mg/dL | 169 24 0 | - 200 | hyperlipidemia 38 decade 3
2571-8  | Triglyceride [Mass/volume] in Serum or Plasma | mg/dL | 105 28 0 | - 150 | hyperlipidemia 45 obesity 22 diabetes 25
2085-9  | Cholesterol in HDL [Mass/volume] in Serum or Plasma | mg/dL | 50 9 0 | 40 - | female 9 obesity -6
13457-7 | Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation | mg/dL | 108 20 0 | - 130 |`;
const single = `
4548-4  | Hemoglobin A1c/Hemoglobin.total in Blood | % | 5.2 .25 1 | 4 5.6 | diabetes 1.9 prediabetes .7
9318-7  | Albumin/Creatinine [Mass Ratio] in Urine | mg/g | 14 5 0 | - 30 | kidney 95 diabetes 12
3016-3  | Thyrotropin [Units/volume] in Serum or Plasma | m[IU]/L | 2 .6 2 | .4 4 | hypothyroidism 1.4
2857-1  | Prostate specific Ag [Mass/volume] in Serum or Plasma | ng/mL | 1.4 .6 2 | - 4 | prostate-cancer 5`;

function analyte(row: string): Analyte {
  const [code = '', name = '', unit = '', usual = '', range = '', moved = ''] = row
    .split('|')
    .map((cell) => cell.trim());
  const [mean = 0, deviation = 0, decimals = 0] = usual.split(' ').map(Number);
  const [low = '-', high = '-'] = range.split(' ');
  const moves = [...moved.matchAll(/(\S+) (\S+)/g)];
  return {
    loinc: [code, name],
    unit,
    mean,
    deviation,
    decimals,
    ...(low === '-' ? {} : { low: Number(low) }),
    ...(high === '-' ? {} : { high: Number(high) }),
    shifts: moves.map(([, key = '', shift]) => [key, Number(shift)]),
  };
}

const table = (text: string): readonly Analyte[] => text.trim().split('\n').map(analyte);

export const analytes = {
  basicMetabolic: table(basicMetabolic),
  liver: table(liver),
  bloodCount: table(bloodCount),
  lipid: table(lipid),
  single: table(single),
};
