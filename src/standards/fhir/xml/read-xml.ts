import { isUtf8 } from 'node:buffer';
import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { decimalFrom } from '../decimal.ts';
import { resourceTypes } from '../definitions.ts';
import type { JsonObject } from '../json-object.ts';
import { type Rule, type TypeRules, typeRules } from '../structure-rule.ts';
import { NarrativeText, xhtmlNamespace } from './narrative.ts';
import { XmlRefused } from './xml-refused.ts';

const fhirNamespace = 'http://hl7.org/fhir';
/** As in JSON: thirty nested questions of a QuestionnaireResponse, in a Bundle. */
const deepest = 128;
/**
 * An element takes about 1.5 µs, as much as an attribute, and a sixteenth more for each level above
 * it: 400,000 beside each other take 0.6 s.
 */
const pieceCost = 16;
const mostCost = 400_000 * pieceCost;
/** R4 knows elements of three; many on one take V8 three times as long. */
const mostAttributes = 1000;

/** An element of a complex type, or a resource. */
type ObjectFrame = {
  readonly kind: 'object';
  readonly rules: TypeRules;
  readonly object: JsonObject;
};
/** `object`: whose element it is; `found`: its value attribute, id and extensions. */
type PrimitiveFrame = {
  readonly kind: 'primitive';
  readonly rule: Rule;
  readonly object: JsonObject;
  readonly found: JsonObject;
};
/** An element that holds a resource: contained, Bundle.entry.resource. */
type ResourceFrame = {
  readonly kind: 'resource';
  readonly rule: Rule;
  readonly object: JsonObject;
};
/** Inside of what R4 does not define. */
type Frame = ObjectFrame | PrimitiveFrame | ResourceFrame | { readonly kind: 'skipped' };

/**
 * Reads a resource's XML (R4 xml.html) into what `parseResourceJson` gives for the same resource,
 * decimals as written. What R4 does not define is kept under its name, so that `checkStructure`
 * names it.
 *
 * @throws {XmlRefused} for text that is no well-formed XML 1.0 in UTF-8, a document type or
 * entities of its own, another namespace, text between elements, an element twice that stands once,
 * more than 128 levels, and more than 400,000 elements and attributes.
 */
export function parseResourceXml(source: Buffer | string): JsonObject {
  if (typeof source !== 'string' && !isUtf8(source)) {
    throw new XmlRefused('the text is not valid UTF-8', 1, 1);
  }
  return new XmlReader().read(source.toString());
}

class XmlReader {
  #parser = new SaxesParser<{ xmlns: true }>({ xmlns: true });
  #frames: Frame[] = [];
  #narrative: { text: NarrativeText; object: JsonObject } | undefined;
  #root: JsonObject | undefined;
  #cost = 0;
  #attributeCount = 0;

  read(text: string): JsonObject {
    const parser = this.#parser;
    parser.on('error', () => this.#refuse('not well-formed XML'));
    parser.on('doctype', () => this.#refuse('a document type (DOCTYPE) is not taken'));
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) this.#refuse('FHIR XML is UTF-8');
    });
    parser.on('attribute', () => {
      this.#attributeCount++;
      if (this.#attributeCount > mostAttributes) this.#refuse('an element of 1000 attributes');
      this.#spend(pieceCost);
    });
    parser.on('opentag', (tag) => this.#open(tag));
    parser.on('closetag', () => this.#close());
    parser.on('text', (inner) => this.#text(inner));
    parser.on('cdata', (inner) => this.#text(inner));
    parser.write(text).close();
    return this.#root ?? this.#refuse('expected a resource as the outermost element');
  }

  #refuse(why: string): never {
    throw new XmlRefused(why, this.#parser.line, this.#parser.columnIndex + 1);
  }

  #spend(cost: number): void {
    this.#cost += cost;
    if (this.#cost > mostCost) this.#refuse('more elements and attributes than are read as XML');
  }

  #open(tag: SaxesTagNS): void {
    const attributes = Object.values(tag.attributes).filter((one) => !ofDocument.has(one.uri));
    const depth = this.#frames.length + (this.#narrative?.text.depth ?? 0);
    this.#spend(pieceCost + depth);
    this.#attributeCount = 0;
    if (depth >= deepest) this.#refuse(`nested deeper than ${deepest} levels`);
    const frame = this.#frames.at(-1);
    if (this.#narrative !== undefined) this.#narrativeTag(this.#narrative.text, tag, attributes);
    else if (frame?.kind === 'skipped') this.#frames.push(frame);
    else if (frame === undefined || frame.kind === 'resource') this.#resource(frame, tag);
    else this.#element(frame, tag, attributes);
  }

  #close(): void {
    if (this.#narrative !== undefined) {
      const { text, object } = this.#narrative;
      text.close();
      if (text.depth > 0) return;
      object['div'] = text.toString();
      this.#narrative = undefined;
      return;
    }
    const frame = this.#frames.pop();
    if (frame?.kind === 'primitive') this.#primitive(frame);
  }

  #text(text: string): void {
    if (this.#narrative !== undefined) this.#narrative.text.text(text);
    else if (text.trim() !== '') this.#refuse('text between elements: values stand in attributes');
  }

  #resource(holder: ResourceFrame | undefined, tag: SaxesTagNS): void {
    if (tag.uri !== fhirNamespace) this.#refuse(`the namespace of a resource is ${fhirNamespace}`);
    const rules = resourceTypes.has(tag.local) ? typeRules(tag.local) : undefined;
    if (rules === undefined) this.#refuse('the element is not named as a resource type of R4');
    const object: JsonObject = { resourceType: tag.local };
    if (holder === undefined) this.#root = object;
    else this.#put(holder.rule, holder.object, object);
    this.#frames.push({ kind: 'object', rules, object });
  }

  #element(
    frame: ObjectFrame | PrimitiveFrame,
    tag: SaxesTagNS,
    attributes: readonly SaxesAttributeNS[],
  ): void {
    const [rules, object] =
      frame.kind === 'object' ? [frame.rules, frame.object] : [elementRules(), frame.found];
    const rule = rules.byKey.get(tag.local);
    if (rule?.type.code === 'xhtml' && tag.uri === xhtmlNamespace) {
      if (object['div'] !== undefined) this.#refuse(once);
      this.#narrative = { text: new NarrativeText(), object };
      this.#narrativeTag(this.#narrative.text, tag, attributes);
      return;
    }
    if (tag.uri !== fhirNamespace) this.#refuse(`the namespace of an element is ${fhirNamespace}`);
    if (rule === undefined || rule.sibling || unsafe.has(tag.local)) {
      // Kept under its name: checkStructure then says that there is no such element.
      object[unsafe.has(tag.local) ? 'unknown' : tag.local] = {};
      this.#frames.push({ kind: 'skipped' });
    } else if (rule.type.code === 'Resource') {
      this.#frames.push({ kind: 'resource', rule, object });
    } else if (rule.primitive !== undefined) {
      const found = this.#attributes(attributes, ['id', 'value']);
      this.#frames.push({ kind: 'primitive', rule, object, found });
    } else {
      const inner = typeRules(rule.type.code);
      if (inner === undefined) throw new Error(`no rules for ${rule.type.code}`);
      const isExtension = rule.type.code === 'Extension';
      const value = this.#attributes(attributes, isExtension ? ['id', 'url'] : ['id']);
      this.#put(rule, object, value);
      this.#frames.push({ kind: 'object', rules: inner, object: value });
    }
  }

  #attributes(attributes: readonly SaxesAttributeNS[], known: readonly string[]): JsonObject {
    const found: JsonObject = {};
    for (const { name, value } of attributes) {
      if (!known.includes(name))
        this.#refuse(`the element takes no attribute but ${known.join(' and ')}`);
      found[name] = value;
    }
    return found;
  }

  #put(rule: Rule, object: JsonObject, value: unknown): void {
    if (rule.repeats) arrayAt(object, rule.json).push(value);
    else if (object[rule.json] !== undefined) this.#refuse(once);
    else object[rule.json] = value;
  }

  /** R4 json.html#primitive: a value and its sibling with id and extensions, aligned by nulls. */
  #primitive({ rule, object, found }: PrimitiveFrame): void {
    const { value, ...sibling } = found;
    const bare = Object.keys(sibling).length === 0;
    const key = `_${rule.json}`;
    if (value !== undefined) this.#put(rule, object, primitiveValue(rule.type.code, String(value)));
    else if (rule.repeats) this.#put(rule, object, null);
    else if (object[rule.json] !== undefined || object[key] !== undefined) this.#refuse(once);
    if (!rule.repeats) {
      if (!bare || value === undefined) object[key] = sibling;
      return;
    }
    if (bare && object[key] === undefined) return;
    const siblings = arrayAt(object, key);
    while (siblings.length < arrayAt(object, rule.json).length - 1) siblings.push(null);
    siblings.push(bare ? null : sibling);
  }

  #narrativeTag(
    text: NarrativeText,
    tag: SaxesTagNS,
    attributes: readonly SaxesAttributeNS[],
  ): void {
    if (tag.uri !== xhtmlNamespace) this.#refuse(`the namespace of narrative is ${xhtmlNamespace}`);
    text.open(tag.local, attributes);
  }
}

const once = 'the element may stand only once here';
/** Names every JavaScript object answers to. */
const unsafe: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Namespace declarations, schemaLocation: of the document, not of the resource. */
const ofDocument: ReadonlySet<string> = new Set([
  'http://www.w3.org/2000/xmlns/',
  'http://www.w3.org/2001/XMLSchema-instance',
]);
const numbers: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What is no value of the type stays a string: checkStructure says so. */
function primitiveValue(type: string, text: string): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (numbers.has(type) && jsonNumber.test(text)) return decimalFrom(text);
  return text;
}

function arrayAt(object: JsonObject, key: string): unknown[] {
  const there = object[key];
  if (Array.isArray(there)) return there;
  const made: unknown[] = [];
  object[key] = made;
  return made;
}

function elementRules(): TypeRules {
  const rules = typeRules('Element');
  if (rules === undefined) throw new Error('structure.json has no Element');
  return rules;
}
