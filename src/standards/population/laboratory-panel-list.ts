import type { Analyte } from './analyte-list.ts';
import { analytes } from './analyte-list.ts';
import type { Code } from './coding.ts';

export type PanelName =
  | 'lipid'
  | 'blood-count'
  | 'metabolic'
  | 'comprehensive'
  | 'a1c'
  | 'albuminuria'
  | 'thyroid'
  | 'prostate';

export interface Panel {
  /** Absent for a single measurement, which has no report. */
  loinc?: Code;
  analytes: readonly Analyte[];
}

const alone = (loinc: string): Panel => ({
  analytes: analytes.single.filter((analyte) => analyte.loinc[0] === loinc),
});

// Codes: LOINC 2.7x.
export const panels: Readonly<Record<PanelName, Panel>> = {
  lipid: {
    loinc: ['24331-1', 'Lipid 1996 panel - Serum or Plasma'],
    analytes: analytes.lipid,
  },
  'blood-count': {
    loinc: ['58410-2', 'CBC panel - Blood by Automated count'],
    analytes: analytes.bloodCount,
  },
  metabolic: {
    loinc: ['24321-2', 'Basic metabolic 2000 panel - Serum or Plasma'],
    analytes: analytes.basicMetabolic,
  },
  comprehensive: {
    loinc: ['24323-8', 'Comprehensive metabolic 2000 panel - Serum or Plasma'],
    analytes: [...analytes.basicMetabolic, ...analytes.liver],
  },
  a1c: alone('4548-4'),
  albuminuria: alone('9318-7'),
  thyroid: alone('3016-3'),
  prostate: alone('2857-1'),
};
