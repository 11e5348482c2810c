/** A FHIR R4 resource as JSON: what the generator makes always has an id. */
export interface Resource {
  resourceType: string;
  id: string;
  [element: string]: unknown;
}

/** The elements of a resource or of a data type, before they have a place. */
export type Elements = Record<string, unknown>;
