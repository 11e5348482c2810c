import type { Code } from './coding.ts';

export interface Allergen {
  code: Code;
  category: 'food' | 'medication' | 'environment';
  weight: number;
  reaction: Code;
}

const hives: Code = ['126485001', 'Urticaria (disorder)'];
const rash: Code = ['271807003', 'Eruption of skin (disorder)'];
const sneezing: Code = ['76067001', 'Sneezing (finding)'];
const shock: Code = ['39579001', 'Anaphylaxis (disorder)'];
const wheeze: Code = ['56018004', 'Wheezing (finding)'];

// Codes: SNOMED CT. Weights: rounded from American Academy of Allergy, Asthma & Immunology.
export const allergens: readonly Allergen[] = [
  {
    code: ['91936005', 'Allergy to penicillin (finding)'],
    category: 'medication',
    weight: 22,
    reaction: rash,
  },
  {
    code: ['91939003', 'Allergy to sulfonamide (finding)'],
    category: 'medication',
    weight: 8,
    reaction: rash,
  },
  {
    code: ['293586001', 'Allergy to aspirin (finding)'],
    category: 'medication',
    weight: 5,
    reaction: hives,
  },
  {
    code: ['91935009', 'Allergy to peanut (finding)'],
    category: 'food',
    weight: 10,
    reaction: shock,
  },
  {
    code: ['300913006', 'Allergy to shellfish (finding)'],
    category: 'food',
    weight: 11,
    reaction: hives,
  },
  { code: ['91930004', 'Allergy to egg (finding)'], category: 'food', weight: 5, reaction: hives },
  {
    code: ['425525006', 'Allergy to dairy product (finding)'],
    category: 'food',
    weight: 7,
    reaction: hives,
  },
  {
    code: ['419263009', 'Allergy to tree pollen (finding)'],
    category: 'environment',
    weight: 14,
    reaction: sneezing,
  },
  {
    code: ['418689008', 'Allergy to grass pollen (finding)'],
    category: 'environment',
    weight: 12,
    reaction: sneezing,
  },
  {
    code: ['232350006', 'House dust mite allergy (finding)'],
    category: 'environment',
    weight: 12,
    reaction: wheeze,
  },
  {
    code: ['232347008', 'Allergy to animal dander (finding)'],
    category: 'environment',
    weight: 9,
    reaction: wheeze,
  },
  {
    code: ['424213003', 'Allergy to bee venom (finding)'],
    category: 'environment',
    weight: 4,
    reaction: shock,
  },
  {
    code: ['1003755004', 'Allergy to Hevea brasiliensis latex protein (finding)'],
    category: 'environment',
    weight: 3,
    reaction: rash,
  },
];
