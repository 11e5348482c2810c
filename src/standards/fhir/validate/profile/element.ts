import type { FhirNode } from '../../fhirpath/fhirpath.ts';
import type { Step } from '../place.ts';
import type { Walk } from '../walk.ts';

/** A demand on one element, told at this depth of the walk when it is not met. */
export type Demand = (walk: Walk, node: FhirNode, depth: number) => void;

/**
 * What a profile demands of an element beyond the type it constrains. What it leaves as it is does
 * not appear: the base check covers it.
 */
export type ProfileElement = Step & {
  /** Of the definition, with slices: Patient.identifier:mrn.system. */
  id: string;
  /** The name its children are looked up by: value[x], valueQuantity, name. */
  key: string;
  min: number;
  max: number;
  demands: readonly Demand[];
  children: readonly ProfileElement[];
  slicing: Slicing | undefined;
};

/** R4 profiling.html#slicing. */
export type Slicing = {
  rules: 'open' | 'closed' | 'openAtEnd';
  ordered: boolean;
  slices: readonly Slice[];
};

export type Slice = {
  name: string;
  /** All of its discriminators; undefined: it has none, so nothing can be told to be in it. */
  holds: ((walk: Walk, node: FhirNode, depth: number) => boolean) | undefined;
  element: ProfileElement;
};
