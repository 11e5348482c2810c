import type { JsonObject } from '../json-object.ts';

/** What is read here of an ElementDefinition (R4 elementdefinition.html); the rest is carried. */
export type ElementDefinition = JsonObject & {
  id?: string;
  path: string;
  sliceName?: string;
  contentReference?: string;
  slicing?: JsonObject;
  min?: number;
  max?: string;
  type?: readonly ElementTypeRef[];
  constraint?: readonly (JsonObject & { key: string })[];
};

export type ElementTypeRef = JsonObject & { code: string; profile?: readonly string[] };

export type StructureDefinition = JsonObject & {
  resourceType: 'StructureDefinition';
  url: string;
  version?: string;
  kind: string;
  type: string;
  baseDefinition?: string;
  derivation?: string;
  snapshot?: JsonObject & { element: readonly ElementDefinition[] };
  differential?: JsonObject & { element: readonly ElementDefinition[] };
};
