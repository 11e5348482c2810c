import { resourceTypes } from '../../standards/fhir/definitions.ts';

/** R4 is closed: a type's place in the sorted list is its number in the rows, from 1. */
const names: readonly string[] = [...resourceTypes].sort();
const numbers = new Map(names.map((name, index) => [name, index + 1]));

export function typeNumber(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Error(`not an R4 resource type: ${name}`);
  return number;
}

export function typeName(number: number): string {
  const name = names[number - 1];
  if (name === undefined) throw new Error(`no resource type has the number ${number}`);
  return name;
}
