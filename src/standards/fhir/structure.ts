import { resourceTypes } from './definitions.ts';
import { Findings } from './finding.ts';
import type { Issue } from './issue.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { parseReference } from './reference.ts';
import { type Rule, type TypeRules, typeRules } from './structure-rule.ts';

export type { Issue, IssueType } from './issue.ts';

/** Deeper than the JSON reader lets through; guards values that were built in memory. */
const deepest = 200;

/**
 * Checks a resource, as `parseResourceJson` gives it, against the structure R4 defines (json.html,
 * datatypes.html and the StructureDefinitions): known elements, JSON types, cardinality, choices,
 * formats of primitives, required codes, targets of relative references. Invariants, profiles and
 * terminology are not looked at. Linear in the size.
 *
 * @param options.bundleEntries false: leave out the resources in a Bundle's entries, which a
 * transaction checks itself.
 * @returns what is wrong, in the order of the resource; at most 50 issues and one that says so.
 * Empty: all is well.
 */
export function checkStructure(
  resource: unknown,
  options: { bundleEntries?: boolean } = {},
): Issue[] {
  const check = new StructureCheck(options.bundleEntries ?? true);
  check.resource(resource, 'top');
  return check.findings.issues;
}

class StructureCheck {
  findings = new Findings();
  #bundleEntries: boolean;

  constructor(bundleEntries: boolean) {
    this.#bundleEntries = bundleEntries;
  }

  resource(value: unknown, place: 'top' | 'contained' | 'inside'): void {
    const { findings } = this;
    const type = isJsonObject(value) ? value['resourceType'] : undefined;
    const rules = typeof type === 'string' && resourceTypes.has(type) ? typeRules(type) : undefined;
    if (place === 'top') findings.enter(rules?.name ?? 'Resource');
    if (!isJsonObject(value)) {
      findings.error('structure', 'Expected a resource: a JSON object with a resourceType.');
    } else if (!rules) {
      const text = 'resourceType: expected the name of an R4 resource type, such as Patient.';
      findings.error('structure', text);
    } else {
      if (place === 'contained' && value['contained'] !== undefined) {
        const text = 'A contained resource cannot contain another: move it one level up (dom-2).';
        findings.error('structure', text);
      }
      this.object(rules, value);
    }
    if (place === 'top') findings.leave();
  }

  object(rules: TypeRules, value: JsonObject): void {
    const { findings } = this;
    let seen = 0;
    let empty = true;
    for (const key in value) {
      empty = false;
      const rule = rules.byKey.get(key);
      if (rule === undefined) {
        if (key !== 'resourceType' || !resourceTypes.has(rules.name)) this.unknown(rules, key);
        continue;
      }
      if (rule.bit !== 0) {
        if ((seen & rule.bit) !== 0) this.choice(rules, rule, key, value);
        seen |= rule.bit;
      }
      findings.enter(rule.name);
      this.property(rule, key, value, rules);
      findings.leave();
      if (findings.full) return;
    }
    if (empty) findings.error('structure', 'An object cannot be empty: leave the element out.');
    else if ((seen & rules.required) !== rules.required) this.missing(rules, seen);
    if (rules.extensionValue !== 0) this.extension(value, (seen & rules.extensionValue) !== 0);
  }

  property(rule: Rule, key: string, parent: JsonObject, rules: TypeRules): void {
    const value = parent[key];
    if (rule.sibling) {
      this.siblings(rule, value, parent[rule.json]);
    } else if (!rule.repeats) {
      if (Array.isArray(value)) this.expected(rule, 'one value, not an array', 'structure');
      else this.value(rule, value, rules);
    } else if (!Array.isArray(value)) {
      this.expected(rule, 'a JSON array, because the element may repeat', 'structure');
    } else if (value.length === 0) {
      this.expected(rule, 'an array with at least one item; leave it out instead', 'structure');
    } else {
      this.items(rule, value, parent, rules);
    }
  }

  items(rule: Rule, items: unknown[], parent: JsonObject, rules: TypeRules): void {
    const siblings = rule.primitive ? parent[`_${rule.json}`] : undefined;
    for (let index = 0; index < items.length; index++) {
      this.findings.at(index);
      const item = items[index];
      if (item !== null || !Array.isArray(siblings)) this.value(rule, item, rules);
      else if (!isJsonObject(siblings[index])) {
        this.expected(rule, `a value, or its extension in _${rule.json}`, 'structure');
      }
      if (this.findings.full) return;
    }
  }

  value(rule: Rule, value: unknown, rules: TypeRules): void {
    if (rule.primitive !== undefined) {
      const expected = rule.primitive(value);
      if (expected !== undefined) this.expected(rule, expected, faultCode(value, rule.type.code));
      else if (rule.type.codes !== undefined) this.code(rule, value);
    } else if (rule.type.code === 'Resource') {
      if (this.#bundleEntries || !rules.name.startsWith('Bundle.')) {
        this.resource(value, rule.name === 'contained' ? 'contained' : 'inside');
      }
    } else if (!isJsonObject(value)) {
      this.expected(rule, `a JSON object (${rule.type.code})`, 'structure');
    } else if (this.findings.depth > deepest) {
      this.findings.error('too-costly', `Nested deeper than ${deepest} levels.`);
    } else {
      const inner = typeRules(rule.type.code);
      if (inner) this.object(inner, value);
      if (rule.type.code === 'Reference') this.reference(rule, value['reference']);
    }
  }

  /** R4 json.html#primitive: `_given` carries ids and extensions, aligned with `given` by nulls. */
  siblings(rule: Rule, value: unknown, primitives: unknown): void {
    const json = `_${rule.json}`;
    if (!rule.repeats) {
      this.sibling(json, value);
      return;
    }
    if (!Array.isArray(value) || value.length === 0) {
      this.findings.error('structure', `${json}: expected a JSON array that is not empty.`);
      return;
    }
    if (Array.isArray(primitives) && primitives.length !== value.length) {
      const text = `${json}: expected as many items as ${rule.json} has; fill up with null.`;
      this.findings.error('structure', text);
    }
    for (let index = 0; index < value.length; index++) {
      this.findings.at(index);
      const paired = Array.isArray(primitives) && primitives[index] != null;
      if (value[index] !== null || !paired) this.sibling(json, value[index]);
      if (this.findings.full) return;
    }
  }

  sibling(json: string, value: unknown): void {
    const rules = typeRules('Element');
    if (rules && isJsonObject(value)) this.object(rules, value);
    else this.findings.error('structure', `${json}: expected an object with id or extension.`);
  }

  code(rule: Rule, value: unknown): void {
    const codes = rule.type.codes ?? new Set();
    if (typeof value === 'string' && codes.has(value)) return;
    const listed = codes.size <= 20 ? `: ${[...codes].join(', ')}` : '';
    const text = `${rule.json}: expected a code of ${rule.type.valueSet}${listed}.`;
    this.findings.error('code-invalid', text);
  }

  reference(rule: Rule, text: unknown): void {
    if (typeof text !== 'string' || text.length === 0) return;
    const parsed = parseReference(text);
    if (!parsed) {
      const forms = 'Type/id, an absolute URL, urn:uuid:…, #id or Type?query';
      this.findings.error('value', `${rule.json}: expected a reference like ${forms}.`);
      return;
    }
    const type = parsed.kind === 'relative' || parsed.kind === 'conditional' ? parsed.type : '';
    if (!type || !rule.type.targets || rule.type.targets.has(type)) return;
    const targets = [...rule.type.targets].join(', ');
    this.findings.error('structure', `${rule.json}: expected a reference to ${targets}.`);
  }

  /** ext-1: an extension has a value or extensions of its own. */
  extension(value: JsonObject, hasValue: boolean): void {
    if (hasValue !== (value['extension'] !== undefined)) return;
    const text = 'An extension has either a value[x] or extensions of its own (ext-1).';
    this.findings.error('structure', text);
  }

  /** The element was met already. No fault when it is a primitive and its `_` sibling. */
  choice(rules: TypeRules, rule: Rule, key: string, value: JsonObject): void {
    const other = Object.keys(value).find((one) => {
      const met = rules.byKey.get(one);
      return one !== key && met?.bit === rule.bit && met.json !== rule.json;
    });
    if (other === undefined) return;
    const text = `${rule.name}[x]: expected only one of ${other} and ${key}.`;
    this.findings.error('structure', text);
  }

  missing(rules: TypeRules, seen: number): void {
    rules.counted.forEach((element, position) => {
      if (!element.required || (seen & (1 << position)) !== 0) return;
      const name = element.choice ? `${element.name}[x]` : element.name;
      this.findings.error('required', `${rules.name}.${name} is required.`);
    });
  }

  unknown(rules: TypeRules, key: string): void {
    const name = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/.test(key) ? `'${key}'` : 'of this name';
    const choice = rules.counted.find((element) => element.choice && element.name === key);
    const first = choice?.types[0]?.json;
    const hint = first ? `: ${key}[x] is written with its type, as in ${first}` : '';
    this.findings.error('structure', `${rules.name} has no element ${name}${hint}.`);
  }

  expected(rule: Rule, expected: string, code: 'structure' | 'value' | 'too-long'): void {
    this.findings.error(code, `${rule.json}: expected ${expected}.`);
  }
}

const jsonTypes = new Map([
  ['boolean', 'boolean'],
  ['decimal', 'number'],
  ['integer', 'number'],
  ['positiveInt', 'number'],
  ['unsignedInt', 'number'],
]);

/** The wrong JSON type is a fault of structure, the wrong content one of value. */
function faultCode(value: unknown, type: string): 'structure' | 'value' | 'too-long' {
  if (typeof value === 'string' && value.length > 1_048_576) return 'too-long';
  const given = JSON.isRawJSON(value) ? 'number' : typeof value;
  return given === (jsonTypes.get(type) ?? 'string') ? 'value' : 'structure';
}
