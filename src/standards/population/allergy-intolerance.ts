import { allergens } from './allergen-list.ts';
import { instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import { concept, reference, status, system } from './coding.ts';

/** More than a third of people have one; each may have another. */
export function writeAllergies(chart: Chart): void {
  const { person, random, practitioner } = chart;
  const left = [...allergens];
  for (let likely = 0.38; random.chance(likely) && left.length > 0; likely += 0.06) {
    const allergen = random.weighted(left, (row) => row.weight);
    left.splice(left.indexOf(allergen), 1);
    const severe = allergen.reaction[0] === '39579001';
    const onset = random.between(person.birth + (person.end - person.birth) / 4, person.end);
    const recorded = random.between(onset, person.end);
    write(chart, 'AllergyIntolerance', {
      clinicalStatus: status('allergyintolerance-clinical', 'active'),
      verificationStatus: status('allergyintolerance-verification', 'confirmed'),
      type: 'allergy',
      category: [allergen.category],
      criticality: severe ? 'high' : 'low',
      code: concept(system.snomed, allergen.code),
      patient: subject(chart),
      onsetDateTime: instant(onset),
      recordedDate: instant(recorded),
      recorder: reference('Practitioner', practitioner.id, practitioner.name),
      reaction: [
        {
          manifestation: [concept(system.snomed, allergen.reaction)],
          severity: severe ? 'severe' : random.pick(['mild', 'moderate'] as const),
        },
      ],
    });
  }
}
