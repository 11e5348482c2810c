import type { FhirPathEnvironment } from '../fhirpath/fhirpath.ts';
import type { JsonObject } from '../json-object.ts';
import type { Bindings } from './binding.ts';
import type { BundleIndex } from './bundle-index.ts';
import type { TypeRef } from './compile-type.ts';
import { type Container, Place } from './place.ts';
import type { Profiles } from './profile/profiles.ts';
import type { ElementRule } from './rule.ts';

/** The state of one validation: where it stands, what it found, what it is asked with. */
export class Walk extends Place {
  readonly types: (name: string) => TypeRef | undefined;
  /** Codes known to be good, by number of the binding. */
  known: Bindings['known'] = [];
  bindings: Bindings | undefined;
  profiles: Profiles | undefined;
  container: Container | undefined;
  bundle: BundleIndex | undefined;
  /** Of the resource that is checked, outermost first in the stack of calls. */
  resource: JsonObject | undefined;
  root: JsonObject | undefined;
  /** Position of the contained resource the walk is in; -1: in none. */
  containedAt = -1;
  /** What FHIRPath expressions are evaluated in; of the resource it was made for. */
  environment: FhirPathEnvironment | undefined;
  now: Date | undefined;
  metaProfiles = true;

  constructor(rules: readonly ElementRule[], types: (name: string) => TypeRef | undefined) {
    super(rules);
    this.types = types;
  }

  /** The walk goes into an element that does not repeat, or into a repeating one as a whole. */
  enter(rule: ElementRule, depth: number): void {
    this.rule[depth] = rule.number;
    this.index[depth] = -1;
  }

  enterAt(rule: ElementRule, depth: number, index: number): void {
    this.rule[depth] = rule.number;
    this.index[depth] = index;
  }
}
