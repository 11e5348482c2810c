import { isJsonObject, type JsonObject } from './json-object.ts';
import { type Rule, type TypeRules, typeRules } from './structure-rule.ts';
import { Trail } from './trail.ts';

export type Reference = { reference?: string } & JsonObject;
/**
 * Where a link stands, as restricted FHIRPath (Observation.subject). Made when called, which costs.
 */
export type Place = () => string;

/**
 * Visits every Reference in a resource, in those contained, bundled and in extensions too, in
 * order. The visitor may change the Reference in place. What R4 does not define is passed over:
 * check the structure first.
 */
export function eachReference(
  resource: JsonObject,
  visit: (reference: Reference, place: Place) => void,
): void {
  const walk = new LinkWalk(referenceCode, (value) => {
    if (isReference(value)) visit(value, walk.place);
  });
  walk.resource(resource);
}

/**
 * Visits every other place where a transaction replaces links (R4 http.html#trules): elements of
 * type uri, url, oid and uuid, and `<a href>` and `<img src>` in narrative. What `replace` returns
 * takes the link's place; undefined leaves it.
 */
export function eachUri(
  resource: JsonObject,
  replace: (uri: string, place: Place) => string | undefined,
): void {
  const walk = new LinkWalk(uriCodes, (value, code, holder, key) => {
    if (typeof value !== 'string') return;
    const changed =
      code === 'xhtml'
        ? replaceLinks(value, (uri) => replace(uri, walk.place))
        : replace(value, walk.place);
    if (changed !== undefined && changed !== value) holder[key] = changed;
  });
  walk.resource(resource);
}

const referenceCode: ReadonlySet<string> = new Set(['Reference']);
/** canonical is not among them (http.html#trules). */
const uriCodes: ReadonlySet<string> = new Set(['uri', 'url', 'oid', 'uuid', 'xhtml']);

function isReference(value: unknown): value is Reference {
  return (
    isJsonObject(value) && (value.reference === undefined || typeof value.reference === 'string')
  );
}

/** What holds a value: an object under a property, or an array under an index. */
type Holder = { [key: string | number]: unknown };
type Visit = (value: unknown, code: string, holder: Holder, key: string | number) => void;

class LinkWalk {
  #codes: ReadonlySet<string>;
  #visit: Visit;
  #trail = new Trail();
  readonly place: Place = () => this.#trail.toString();

  constructor(codes: ReadonlySet<string>, visit: Visit) {
    this.#codes = codes;
    this.#visit = visit;
  }

  resource(value: JsonObject): void {
    const type = value.resourceType;
    const rules = typeof type === 'string' ? typeRules(type) : undefined;
    if (!rules) return;
    if (this.#trail.depth > 0) {
      this.#object(rules, value);
      return;
    }
    this.#trail.enter(rules.name);
    this.#object(rules, value);
    this.#trail.leave();
  }

  #object(rules: TypeRules, object: JsonObject): void {
    for (const key in object) {
      const rule = rules.byKey.get(key);
      if (rule === undefined) continue;
      const wanted = this.#codes.has(rule.type.code) && !rule.sibling;
      const leaf = rule.primitive !== undefined && !rule.sibling;
      if (wanted || !leaf) this.#property(rule, key, object, wanted);
    }
  }

  /** Reads the property outside of the for-in loop: there V8 reads it three times slower. */
  #property(rule: Rule, key: string, object: JsonObject, wanted: boolean): void {
    const value = object[key];
    this.#trail.enter(rule.name);
    if (Array.isArray(value)) {
      const items: Holder = Object(value); // an array is a holder by its indexes
      for (let i = 0; i < value.length; i++) {
        this.#trail.at(i);
        if (wanted) this.#visit(value[i], rule.type.code, items, i);
        this.#inner(rule, value[i]);
      }
    } else {
      if (wanted) this.#visit(value, rule.type.code, object, key);
      this.#inner(rule, value);
    }
    this.#trail.leave();
  }

  #inner(rule: Rule, value: unknown): void {
    if (!isJsonObject(value)) return;
    if (rule.type.code === 'Resource') {
      this.resource(value);
      return;
    }
    const inner = typeRules(rule.sibling ? 'Element' : rule.type.code);
    if (inner) this.#object(inner, value);
  }
}

/** `[^<>]` keeps the search within one tag, so the time is linear whatever the narrative says. */
const linkPattern = /(<(?:a|img)\s(?:[^<>]*?\s)?(?:href|src)\s*=\s*)("[^"<>]*"|'[^'<>]*')/g;

function replaceLinks(div: string, replace: (uri: string) => string | undefined): string {
  return div.replace(linkPattern, (whole, before: string, quoted: string) => {
    const changed = replace(quoted.slice(1, -1));
    return changed === undefined ? whole : `${before}"${escapeAttribute(changed)}"`;
  });
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
