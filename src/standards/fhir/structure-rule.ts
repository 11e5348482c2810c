import { type ElementSchema, type ElementType, typeSchema } from './definitions.ts';
import { type PrimitiveCheck, primitiveChecks } from './primitive.ts';

/** What one JSON property of a type must be. */
export type Rule = {
  /** FHIRPath name: value for valueQuantity. */
  name: string;
  json: string;
  repeats: boolean;
  /**
   * One bit per element that is required or a choice, so that both can be counted; 0 for others.
   */
  bit: number;
  type: ElementType;
  /** Set for primitive types. */
  primitive: PrimitiveCheck | undefined;
  /** The rule is about the extensions of a primitive: the property `_json`. */
  sibling: boolean;
};

/** The rules of a type by JSON property, compiled once. */
export type TypeRules = {
  name: string;
  byKey: ReadonlyMap<string, Rule>;
  /** Bits of the required elements. */
  required: number;
  /** The elements that have a bit, by position of the bit. */
  counted: readonly ElementSchema[];
  /** Bit of Extension.value[x]; 0 elsewhere. */
  extensionValue: number;
};

const compiled = new Map<string, TypeRules>();

/** The rules of an R4 type; undefined for a name R4 does not define. */
export function typeRules(name: string): TypeRules | undefined {
  const known = compiled.get(name);
  if (known) return known;
  const schema = typeSchema(name);
  if (!schema) return undefined;
  const counted = schema.elements.filter((element) => element.required || element.choice);
  if (counted.length > 31) throw new Error(`${name} has more elements to count than bits`);
  const bitOf = (element: ElementSchema): number =>
    counted.includes(element) ? 1 << counted.indexOf(element) : 0;
  const byKey = new Map<string, Rule>();
  for (const element of schema.elements) {
    for (const rule of rulesOf(name, element, bitOf(element))) {
      byKey.set(rule.sibling ? `_${rule.json}` : rule.json, rule);
    }
  }
  const value = schema.elements.find((element) => element.choice);
  const rules = {
    name,
    byKey,
    required: schema.elements.reduce((bits, one) => bits | (one.required ? bitOf(one) : 0), 0),
    counted,
    extensionValue: name === 'Extension' && value ? bitOf(value) : 0,
  };
  compiled.set(name, rules);
  return rules;
}

function rulesOf(owner: string, element: ElementSchema, bit: number): Rule[] {
  return element.types.flatMap((type) => {
    const rule: Rule = {
      name: element.name,
      json: type.json,
      repeats: element.repeats,
      bit,
      type,
      primitive: primitiveChecks.get(type.code),
      sibling: false,
    };
    return hasSibling(owner, rule) ? [rule, { ...rule, sibling: true }] : [rule];
  });
}

/**
 * Ids, an extension's url and narrative are plain strings in R4: they take no extensions
 * (json.html#primitive).
 */
function hasSibling(owner: string, { json, primitive, type }: Rule): boolean {
  if (primitive === undefined || type.code === 'xhtml') return false;
  return json !== 'id' && !(owner === 'Extension' && json === 'url');
}
