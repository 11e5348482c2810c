import type { DefinitionSource, DefinitionType } from '../definition-source.ts';
import type { Issue } from '../issue.ts';
import type { JsonObject } from '../json-object.ts';
import { withSnapshot } from '../snapshot/snapshot.ts';
import { r4Content } from '../terminology/r4-content.ts';
import { openTerminology } from '../terminology/terminology.ts';
import { baseDefinition } from './r4-definition.ts';
import { openValidator, type ValidateOptions, type Validator } from './validate.ts';

/** R4's own definitions and these; profiles get their snapshots. */
export function definitionsOf(own: readonly JsonObject[]): DefinitionSource {
  const byUrl = new Map(own.map((one) => [`${one['resourceType']} ${one['url']}`, one]));
  const source: DefinitionSource = {
    find(type: DefinitionType, canonical: string) {
      const found = byUrl.get(`${type} ${canonical}`);
      if (found !== undefined) {
        return type === 'StructureDefinition' ? withSnapshot(found, source) : found;
      }
      return type === 'StructureDefinition'
        ? baseDefinition(canonical)
        : r4Content.find(type, canonical);
    },
  };
  return source;
}

export function validatorWith(own: readonly JsonObject[] = []): Validator {
  const definitions = definitionsOf(own);
  return openValidator({ definitions, codeSets: openTerminology({ definitions }) });
}

const plain = validatorWith();

/** Code and expression of each error, as `required Observation`. */
export function errors(
  resource: unknown,
  { validator = plain, ...options }: ValidateOptions & { validator?: Validator } = {},
): string[] {
  return told(validator.validate(resource, options), 'error');
}

export function warnings(resource: unknown, validator: Validator = plain): string[] {
  return told(validator.validate(resource), 'warning');
}

function told(issues: readonly Issue[], severity: Issue['severity']): string[] {
  return issues
    .filter((one) => one.severity === severity)
    .map(({ code, expression }) => `${code} ${expression}`);
}

const namespace = 'http://www.w3.org/1999/xhtml';
export const narrative = { status: 'generated', div: `<div xmlns="${namespace}">x</div>` };

export function patient(elements: JsonObject): JsonObject {
  return { resourceType: 'Patient', text: narrative, ...elements };
}

export function observation(elements: JsonObject): JsonObject {
  const code = { text: 'x' };
  return { resourceType: 'Observation', text: narrative, status: 'final', code, ...elements };
}

/** A profile of a type, by its differential. */
export function profile(name: string, type: string, element: readonly JsonObject[]): JsonObject {
  return {
    resourceType: 'StructureDefinition',
    url: `http://x.example/${name}`,
    name,
    status: 'active',
    kind: 'resource',
    abstract: false,
    type,
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    derivation: 'constraint',
    differential: { element },
  };
}
