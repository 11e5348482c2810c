/** Which datatypes a kind of parameter reads, and how a leaf is written down. */
import type { Leaf } from './fhir-search-path.ts';

const quantities = ['Quantity', 'Age', 'Duration', 'Distance', 'Count', 'MoneyQuantity'];
/** search.html: the tables of datatypes under each parameter type. */
const byKind: Record<string, readonly string[]> = {
  token: [
    'code',
    'Coding',
    'CodeableConcept',
    'Identifier',
    'ContactPoint',
    'boolean',
    'string',
    'uri',
    'id',
  ],
  string: ['string', 'markdown', 'HumanName', 'Address', 'id'],
  uri: ['uri', 'url', 'canonical', 'oid', 'uuid'],
  reference: ['Reference', 'canonical', 'uri', 'Resource'],
  date: ['date', 'dateTime', 'instant', 'Period', 'Timing'],
  quantity: [...quantities, 'Money', 'Range'],
  number: ['integer', 'positiveInt', 'unsignedInt', 'decimal', 'Range'],
};
/**
 * An extension's value may be of any type; these are what a parameter over an extension can mean.
 */
const inExtension: Record<string, readonly string[]> = {
  token: ['code', 'Coding', 'CodeableConcept', 'Identifier', 'string'],
  string: ['string'],
  reference: ['Reference'],
};
const parts: Record<string, readonly string[]> = {
  HumanName: ['family', 'given', 'prefix', 'suffix', 'text'],
  Address: ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text'],
};

export function datatypes(kind: string, extended = false): ReadonlySet<string> {
  return new Set((extended ? inExtension : byKind)[kind]);
}

/**
 * A HumanName or an Address becomes its string parts, so that `name` and `family` can share rows.
 */
export function expandParts(leaf: Leaf): Leaf[] {
  const names = parts[leaf.type];
  if (!names) return [leaf];
  return names.map((name) => ({
    ...leaf,
    path: [...leaf.path, name],
    type: 'string',
    within: leaf.type,
  }));
}

/**
 * [path, datatype, only target]; `part` is a string of a name or an address, searched by its words
 * too.
 */
export function planOf(leaf: Leaf, folded = false): string[] {
  const type = quantities.includes(leaf.type) ? 'Quantity' : leaf.type;
  const ofText = folded ? 'folded' : leaf.within ? 'part' : 'string';
  const written = type === 'string' ? ofText : type;
  return [leaf.path.join(' '), written, ...(leaf.only ? [leaf.only] : [])];
}
