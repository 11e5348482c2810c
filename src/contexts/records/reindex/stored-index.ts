import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import {
  registryOf,
  type SearchRegistry,
  type StoredParameter,
} from '../../../standards/fhir/search/registry.ts';
import { parameterFrom } from '../../../standards/fhir/search/stored-parameter.ts';
import { storedParam } from '../stored-param.ts';

/** A tenant's own search parameters, as rows know them. */
export type StoredIndex = {
  readonly registry: SearchRegistry;
  /** By type and `param` of index values. */
  readonly parameters: readonly { readonly type: string; readonly param: string }[];
  /** By the url of the SearchParameter that defines them. */
  readonly byUrl: ReadonlyMap<string, readonly { type: string; param: string }[]>;
  /** SearchParameters that cannot be used, with the reasons. */
  readonly refused: readonly { readonly url: string; readonly reasons: readonly string[] }[];
};

/** Parameters of one tenant that are indexed; each costs rows and time at every write. */
const MOST = 200;

/**
 * Only active definitions count. What a definition says is part of its parameter's name in the
 * rows: rows of a definition that was changed are never mistaken for those of its new text.
 */
export function storedIndex(definitions: readonly JsonObject[], failed: () => void): StoredIndex {
  const byType = new Map<string, StoredParameter[]>();
  const byUrl = new Map<string, { type: string; param: string }[]>();
  const parameters: { type: string; param: string }[] = [];
  const refused: { url: string; reasons: readonly string[] }[] = [];
  for (const definition of definitions) {
    if (definition['status'] !== 'active') continue;
    const url = String(definition['url'] ?? '');
    const read = parameterFrom(definition, failed);
    if ('refused' in read) {
      refused.push({ url, reasons: read.refused });
      continue;
    }
    if (parameters.length + read.types.length > MOST) {
      refused.push({ url, reasons: [`A tenant may define ${MOST} search parameters.`] });
      continue;
    }
    const param = storedParam(read.parameter.code, digestOf(definition), read.parameter.elements);
    const own = named(read.parameter, param);
    for (const type of read.types) {
      const others = byType.get(type) ?? [];
      if (others.some((one) => one.code === own.code)) {
        refused.push({ url, reasons: [`${type} has another parameter of that code.`] });
        continue;
      }
      byType.set(type, [...others, own]);
      parameters.push({ type, param });
      byUrl.set(url, [...(byUrl.get(url) ?? []), { type, param }]);
    }
  }
  return { registry: registryOf(byType), parameters, byUrl, refused };
}

/** What decides which values it finds. */
function digestOf({ code, type, expression, component, target }: JsonObject): string {
  const text = JSON.stringify([code, type, expression, component, target]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** The parameter with its rows under another name than its code; `x:identifier` keeps its end. */
function named(parameter: StoredParameter, param: string): StoredParameter {
  const { code, extract } = parameter;
  return {
    ...parameter,
    covers: [param],
    extract: (resource, own) =>
      extract(resource, own).map((value) => ({
        ...value,
        param: `${param}${value.param.slice(code.length)}`,
      })),
  };
}
