import { reference, terminology } from './coding.ts';
import type { Person } from './person.ts';
import type { Problem } from './problem.ts';
import type { Directory, Named, Site } from './provider.ts';
import type { Random } from './random.ts';
import type { Elements, Resource } from './resource.ts';

/** A patient's record in the making. */
export interface Chart {
  person: Person;
  problems: readonly Problem[];
  directory: Directory;
  /** Where they usually go. */
  site: Site;
  practitioner: Named;
  random: Random;
  ids: Random;
  /** A person's own level of each laboratory measurement, so that results follow one another. */
  levels: Map<string, number>;
  resources: Resource[];
}

/**
 * Writes a resource into the chart and returns its id. Every one is tagged HTEST, the standard's
 * own mark of test data (v3-ActReason), so that nobody takes it for a real record.
 */
export function write(chart: Chart, resourceType: string, elements: Elements, id?: string): string {
  const own = id ?? chart.ids.uuid();
  const tag = [{ system: terminology('v3-ActReason'), code: 'HTEST' }];
  chart.resources.push({ resourceType, id: own, meta: { tag }, ...elements });
  return own;
}

export function subject(chart: Chart): Elements {
  return reference('Patient', chart.person.id);
}

export function fullName(person: Person): string {
  return `${person.given[0] ?? ''} ${person.family}`;
}

export function has(chart: Chart, key: string, at: number): boolean {
  return chart.problems.some((problem) => problem.key === key && problem.onset <= at);
}
