import type { FhirPathEnvironment } from '../fhirpath/fhirpath.ts';
import type { JsonObject } from '../json-object.ts';
import type { Bindings } from './binding.ts';
import type { BundleIndex } from './bundle-index.ts';
import type { TypeRef } from './compile-type.ts';
import { type Container, Place, type Step } from './place.ts';
import type { Profiles } from './profile/profiles.ts';

/** What a validation is asked with. */
export type Asked = {
  bindings: Bindings;
  profiles: Profiles;
  metaProfiles: boolean;
  now: Date | undefined;
};

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
  /** Ids of the elements of the resource the walk is in. */
  ids: { resource: JsonObject | undefined; seen: Set<string> } | undefined;
  /** What FHIRPath expressions are evaluated in; of the resource it was made for. */
  environment: FhirPathEnvironment | undefined;
  /** Deepest level in use, where something is tried beside the walk. */
  depth = 0;
  /** FHIRPath steps taken so far. */
  steps = 0;
  /** Contained resources by id, of the resource they were asked for. */
  containedIn: { root: JsonObject; byId: Map<unknown, JsonObject> } | undefined;
  now: Date | undefined;
  metaProfiles = true;

  constructor(types: (name: string) => TypeRef | undefined) {
    super();
    this.types = types;
  }

  begin({ bindings, profiles, metaProfiles, now }: Asked): void {
    this.restart();
    this.bindings = bindings;
    this.known = bindings.known;
    this.profiles = profiles;
    this.metaProfiles = metaProfiles;
    this.now = now;
    this.steps = 0;
    this.containedAt = -1;
  }

  /** Nothing of a record stays behind, also when a check threw. */
  end(): void {
    this.issues = [];
    this.container = undefined;
    this.bundle = undefined;
    this.resource = undefined;
    this.root = undefined;
    this.ids = undefined;
    this.environment = undefined;
    this.containedIn = undefined;
    this.profiles = undefined;
    this.bindings = undefined;
  }

  /** The walk goes into an element that does not repeat, or into a repeating one as a whole. */
  enter(step: Step, depth: number): void {
    this.step[depth] = step;
    this.index[depth] = -1;
  }

  enterAt(step: Step, depth: number, index: number): void {
    this.step[depth] = step;
    this.index[depth] = index;
  }
}
