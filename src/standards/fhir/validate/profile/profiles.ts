import type { FhirNode } from '../../fhirpath/fhirpath.ts';
import type { JsonObject } from '../../json-object.ts';
import type { Walk } from '../walk.ts';

export class Profiles {
  resource(_walk: Walk, _value: JsonObject, _type: string, _depth: number): void {}
  conforms(_walk: Walk, _node: FhirNode, _profile: string): boolean | undefined {
    return undefined;
  }
  extension(_walk: Walk, _value: JsonObject, _depth: number, _modifier: boolean): void {}
}
