import { refuse } from '../../platform/problem.ts';
import { isJsonObject, type JsonObject } from '../../standards/fhir/json-object.ts';
import {
  type MapElement,
  type Translation,
  translate as translateBy,
} from '../../standards/fhir/terminology/concept-map.ts';
import { r4ConceptMaps } from '../../standards/fhir/terminology/r4-content.ts';
import { objectsOf, textOf } from '../../standards/fhir/terminology/resource-field.ts';
import { out, parameters, parts } from './answer.ts';
import type { Accepted, Input } from './input.ts';
import { terminologyKinds } from './problems.ts';
import {
  type Coding,
  codingsOf,
  type Question,
  refuseUnanswerable,
  withVersion,
} from './question.ts';

export const translateAccepts: Accepted = {
  ...{ url: 'text', conceptMap: 'object', conceptMapVersion: 'text', code: 'text' },
  ...{ system: 'text', version: 'text', source: 'text', coding: 'object' },
  ...{ codeableConcept: 'object', target: 'text', targetsystem: 'text', dependency: 'parts' },
  ...{ reverse: 'boolean', date: 'text' },
};

/** R4 conceptmap-operation-translate.html. */
export function translate(question: Question): JsonObject {
  const { input, terminology } = question;
  refuseUnanswerable(input, 'date');
  const codings = codingsOf(input, 'version');
  requireSystems(codings);
  const maps = mapsAsked(question);
  const dependencies = (input.objects.get('dependency') ?? []).flatMap(dependencyOf);
  const matches = maps.flatMap((map) =>
    codings.flatMap(({ system, code }) =>
      translateBy(map, {
        ...{ system, code, dependencies },
        reverse: input.boolean('reverse') === true,
        targetSystem: input.text('targetsystem'),
        mapOf: (canonical) => terminology.definition('ConceptMap', canonical),
      }),
    ),
  );
  const result = matches.some(({ equivalence }) => !/^(unmatched|disjoint)$/.test(equivalence));
  const none = matches.length === 0 ? 'The code is not in the map.' : 'The map has no match.';
  return parameters(
    out('result', 'Boolean', result),
    out('message', 'String', result ? undefined : none),
    ...matches.map(match),
  );
}

function match({ equivalence, concept, products, source }: Translation): JsonObject {
  return parts(
    'match',
    out('equivalence', 'Code', equivalence),
    out('concept', 'Coding', concept),
    ...products.map(({ element, coding }) =>
      parts('product', out('element', 'Uri', element), out('concept', 'Coding', coding)),
    ),
    out('source', 'Uri', source === '' ? undefined : source),
  );
}

function requireSystems(codings: readonly Coding[]): void {
  if (codings.some(({ system }) => system === undefined)) {
    refuse(terminologyKinds.missing, 'Say the system of each code.');
  }
}

/** The map named, handed in or called on; else R4's own from `source` to `target`. */
function mapsAsked({ input, terminology, instance }: Question): JsonObject[] {
  const inline = input.object('conceptMap');
  const url = input.text('url');
  const given = [inline, url, instance].filter((one) => one !== undefined).length;
  if (given > 1) {
    refuse(terminologyKinds.parameter, 'Either url, or conceptMap, or the instance: one of them.');
  }
  const resource = inline ?? instance;
  if (resource !== undefined) {
    if (resource['resourceType'] === 'ConceptMap') return [resource];
    return refuse(terminologyKinds.parameter, 'A ConceptMap is wanted here.');
  }
  if (url !== undefined) {
    const canonical = withVersion(url, input.text('conceptMapVersion'));
    const found = terminology.definition('ConceptMap', canonical);
    return found === undefined
      ? refuse(terminologyKinds.unknown, 'This concept map is not known here.')
      : [found];
  }
  return mapsBetween(input, terminology);
}

function mapsBetween(input: Input, terminology: Question['terminology']): JsonObject[] {
  const source = input.text('source');
  const target = input.text('target');
  if (source === undefined && target === undefined) {
    refuse(terminologyKinds.missing, 'Say which map: url, or source or target value set.');
  }
  const [from, to] = input.boolean('reverse') === true ? [target, source] : [source, target];
  const found = r4ConceptMaps(from, to).flatMap((url) => {
    const map = terminology.definition('ConceptMap', url);
    return map === undefined ? [] : [map];
  });
  if (found.length > 0) return found;
  return refuse(terminologyKinds.unknown, 'No concept map between these is known here.');
}

/** Every coding of the other element's value may be the one a mapping depends on. */
function dependencyOf(parameter: JsonObject): MapElement[] {
  const part = objectsOf(parameter['part']);
  const partOf = (name: string) => part.find((one) => one['name'] === name);
  const element = textOf(partOf('element')?.['valueUri']);
  const concept = partOf('concept')?.['valueCodeableConcept'];
  if (element === undefined || !isJsonObject(concept)) {
    return refuse(terminologyKinds.parameter, 'A dependency has element and concept.');
  }
  return objectsOf(concept['coding']).flatMap((one) => {
    const code = textOf(one['code']);
    const system = textOf(one['system']);
    if (code === undefined) return [];
    return [{ element, coding: { code, ...(system && { system }) } }];
  });
}
