import type { StructureDefinition } from '../snapshot/element-definition.ts';
import { Constants } from './constant.ts';
import { compileInvariant } from './invariant.ts';
import { nativeChecks, nativeInvariants } from './native.ts';
import { baseType } from './r4-definition.ts';
import { type ElementRule, ruleOf } from './rule.ts';

/** Checks a value that stands at this depth of the walk. */
export type TypeCheck = (value: unknown, depth: number) => void;
/** A type's check; the first call compiles it. */
export type TypeRef = { check: TypeCheck };

type Element = StructureDefinition['snapshot'] extends infer S | undefined
  ? S extends { element: readonly (infer E)[] }
    ? E
    : never
  : never;

/** What the checks of types are made with. */
export type Compiler = {
  walk: object;
  /** What the code calls by name. */
  functions: Readonly<Record<string, unknown>>;
  type(name: string): TypeRef;
};

/**
 * Makes the check of an R4 type (Patient, HumanName) or backbone element (Patient.contact) as one
 * straight function: a loop over the properties, a switch over their names. What is surely right
 * passes by comparisons alone; all else is handed to the walk, which knows what to say.
 */
export function compileType(name: string, compiler: Compiler): TypeCheck {
  const source = new TypeSource(name, compiler);
  const { names, values } = source.constants;
  const body = source.body();
  const { functions, walk } = compiler;
  const called = Object.keys(functions).filter((one) => body.includes(`${one}(`));
  const text = `const {${called.join()}}=F;
${names.map((one, at) => `const ${one}=K[${at}];`).join('')}
return (function(v,d){${body}})`; // in brackets, V8 compiles it at once, not twice
  const make = new Function('S', 'F', 'K', text) as (...parts: unknown[]) => TypeCheck;
  return make(walk, functions, values);
}

const quote = JSON.stringify;

/** The fast answer by type; decimal, boolean and the rest are written out below. */
const plain: Record<string, string> = {
  string: 'plainString',
  markdown: 'plainString',
  code: 'plainCode',
  uri: 'plainUri',
  url: 'plainUri',
  canonical: 'plainUri',
  id: 'plainId',
  date: 'plainDate',
  dateTime: 'plainDateTime',
  instant: 'plainInstant',
  xhtml: 'plainXhtml',
  decimal: 'plainDecimal',
  positiveInt: 'plainInteger',
  integer: 'plainInteger',
  unsignedInt: 'plainInteger',
};

class TypeSource {
  readonly constants = new Constants();
  readonly #name: string;
  readonly #compiler: Compiler;
  readonly #root: Element;
  readonly #children: Element[];
  /** All native code of the type, which names the elements it asks for. */
  readonly #native: string;
  #bits = new Map<string, number>();
  #choices = new Map<string, string>();

  constructor(name: string, compiler: Compiler) {
    this.#name = name;
    this.#compiler = compiler;
    const elements = baseType(name.split('.')[0] ?? '')?.snapshot?.element ?? [];
    const root = elements.find((one) => one.path === name);
    if (root === undefined) throw new Error(`R4 has no type ${name}`);
    this.#root = root;
    const own = (root.constraint ?? []).map(
      (one) => nativeInvariants.get(String(one['expression'])) ?? '',
    );
    this.#native = [nativeChecks[name] ?? '', ...own].join();
    const prefix = `${name}.`;
    this.#children = elements.filter(
      ({ path, sliceName }) =>
        path.startsWith(prefix) && !path.includes('.', prefix.length) && sliceName === undefined,
    );
  }

  body(): string {
    const head = `if(!isObject(v)){notObject(S,v,d);return}
if(d>${200}){tooDeep(S,d);return}`;
    const cases = this.#children.map((one) => this.#cases(one)).join('\n');
    const after = this.#children.map((one) => this.#required(one)).join('');
    const invariants = this.#invariants();
    const masks = [...new Set([...this.#bits.values()].map((bit) => bit >> 5))];
    const locals = [
      ...masks.map((one) => `m${one}=0`),
      ...[...this.#choices.values()].map((one) => `${one}=0`),
      'n=0',
    ];
    const resource = !this.#name.includes('.') && baseType(this.#name)?.kind === 'resource';
    return `${head}
let ${locals.join(',')};
for(const k in v){const x=v[k];n++;switch(k){
${resource ? "case'resourceType':break;" : ''}
${cases}
default:unknown(S,${quote(this.#name)},k,d)}}
${resource ? '' : 'if(n===0){empty(S,d);return}'}
${after}
${this.#filled(nativeChecks[this.#name] ?? '')}
${invariants}`;
  }

  #bit(name: string): number {
    const known = this.#bits.get(name) ?? this.#bits.size;
    this.#bits.set(name, known);
    return known;
  }

  /** The expression for `the element is there`. */
  #present(name: string): string {
    const choice = this.#choices.get(name);
    if (choice !== undefined) return `${choice}!==0`;
    if (!this.#children.some((one) => one.path === `${this.#name}.${name}`)) {
      throw new Error(`${this.#name} has no ${name}`);
    }
    const bit = this.#bit(name);
    return `(m${bit >> 5}&${1 << (bit & 31)})!==0`;
  }

  #cases(element: Element): string {
    const last = element.path.slice(this.#name.length + 1);
    const choice = last.endsWith('[x]');
    const name = choice ? last.slice(0, -3) : last;
    if (choice) this.#choices.set(name, `c${this.#choices.size}`);
    const types = this.#typesOf(element);
    return types
      .map((type, at) => {
        const rule = ruleOf(this.#name, element, type);
        const k = this.constants.add(rule);
        const seen = this.#seen(name, k, at + 1);
        const value = this.#value(rule, k, element);
        const id = rule.json === 'id' ? this.#idOf(rule) : '';
        const main = `case${quote(rule.json)}:${id}${seen}${value}break;`;
        if (!this.#hasSibling(rule)) return main;
        const beside = rule.repeats
          ? `siblings(S,${k},x,v[${quote(rule.json)}],d);`
          : `S.enter(${k},d+1);sibling(S,x,v[${quote(rule.json)}],d+1);`;
        return `${main}\ncase${quote(`_${rule.json}`)}:${seen}${beside}break;`;
      })
      .join('\n');
  }

  /** Not counted as content (ele-1). Snapshot and differential use the same ids of elements. */
  #idOf({ type }: ElementRule): string {
    const unique = type === 'string' && this.#name !== 'ElementDefinition';
    return unique ? 'n--;elementId(S,x,d);' : 'n--;';
  }

  #seen(name: string, k: string, variant: number): string {
    const choice = this.#choices.get(name);
    if (choice !== undefined) {
      return `if(${choice}!==0&&${choice}!==${variant})choice(S,${k},d);${choice}=${variant};`;
    }
    const element = this.#children.find((one) => one.path === `${this.#name}.${name}`);
    const asked = (element?.min ?? 0) > 0 || this.#askedNatively(name);
    if (!asked) return '';
    const bit = this.#bit(name);
    return `m${bit >> 5}|=${1 << (bit & 31)};`;
  }

  #askedNatively(name: string): boolean {
    return this.#native.includes(`{${name}}`);
  }

  #typesOf(element: Element): { code: string; targetProfile?: readonly string[] }[] {
    if (element.contentReference) return [{ code: element.contentReference.replace(/^.*#/, '') }];
    const types = element.type ?? [];
    const [only] = types;
    if (only && (only.code === 'BackboneElement' || only.code === 'Element')) {
      return [{ ...only, code: element.path }];
    }
    return [...types] as { code: string; targetProfile?: readonly string[] }[];
  }

  #value(rule: ElementRule, k: string, element: Element): string {
    const invariants = this.#elementInvariants(element, rule);
    if (rule.primitive === undefined) return this.#complex(rule, k, element, invariants);
    const fast = this.#fast(rule, 'x');
    const after =
      invariants === undefined ? '' : `else{S.enter(${k},d+1);${invariants('x', 'd+1')}}`;
    if (!rule.repeats) return `if(!(${fast}))primitive(S,${k},x,d+1);${after}`;
    const each = this.#fast(rule, 'x[i]');
    const inside =
      invariants === undefined ? '' : `else{S.enterAt(${k},d+1,i);${invariants('x[i]', 'd+1')}}`;
    return `if(isList(S,${k},x,d)){for(let i=0;i<x.length;i++){if(!(${each}))repeated(S,${k},x[i],v[${quote(
      `_${rule.json}`,
    )}],i,d+1);${inside}}}`;
  }

  #fast(rule: ElementRule, x: string): string {
    const { type, binding } = rule;
    if (type === 'boolean') return `typeof ${x}==='boolean'`;
    if (type === 'code' && binding !== undefined) {
      return `S.known[${binding.number}]?.has(${x})===true`;
    }
    const name = plain[type];
    return name === undefined ? 'false' : `${name}(${x})`;
  }

  #complex(rule: ElementRule, k: string, element: Element, invariants: Invariants): string {
    const { type } = rule;
    if (type === 'Resource') return this.#resource(rule, k);
    const ref = this.constants.add(this.#compiler.type(type));
    const more = (x: string): string => {
      let text = '';
      if (type === 'Reference') text += `reference(S,${k},${x},d+1);`;
      if (type === 'Extension') {
        text += `extension(S,${x},d+1,${element.path.endsWith('.modifierExtension')});`;
      }
      if (rule.binding !== undefined) text += `coded(S,${k},${x},d+1);`;
      for (const profile of element.type?.find((one) => one.code === type)?.profile ?? []) {
        text += profile.endsWith('/SimpleQuantity')
          ? `if(${x}.comparator!==undefined)simpleQuantity(S,d+1);`
          : '';
      }
      return text && `if(isObject(${x})){${text}}`;
    };
    const deed = (x: string) =>
      `${ref}.check(${x},d+1);${more(x)}${invariants ? invariants(x, 'd+1') : ''}`;
    if (!rule.repeats) return `S.enter(${k},d+1);${deed('x')}`;
    return `if(isList(S,${k},x,d)){for(let i=0;i<x.length;i++){S.enterAt(${k},d+1,i);${deed('x[i]')}}}`;
  }

  #resource(rule: ElementRule, k: string): string {
    const place = quote(rule.name === 'contained' ? 'contained' : 'inside');
    if (!rule.repeats) return `S.enter(${k},d+1);resource(S,x,d+1,${place});`;
    return `if(isList(S,${k},x,d)){for(let i=0;i<x.length;i++){S.enterAt(${k},d+1,i);resource(S,x[i],d+1,${place})}}`;
  }

  /** json.html#primitive: ids, an extension's url and narrative take no extensions in R4. */
  #hasSibling({ primitive, type, json }: ElementRule): boolean {
    if (primitive === undefined || type === 'xhtml') return false;
    return json !== 'id' && !(this.#name === 'Extension' && json === 'url');
  }

  #required(element: Element): string {
    if ((element.min ?? 0) === 0) return '';
    const last = element.path.slice(this.#name.length + 1);
    const name = last.endsWith('[x]') ? last.slice(0, -3) : last;
    return `if(!(${this.#present(name)}))missing(S,${quote(this.#name)},${quote(last)},d);`;
  }

  /** Invariants of the type or backbone element itself. */
  #invariants(): string {
    return (this.#root.constraint ?? [])
      .map((one) => this.#invariant(one, this.#name, 'v', 'd'))
      .join('');
  }

  /** Those that an element has beyond the ones of its type. */
  #elementInvariants(element: Element, rule: ElementRule): Invariants {
    if (rule.type === element.path || element.contentReference) return undefined;
    const more = (element.constraint ?? []).filter(({ key }) => key !== 'ele-1' && key !== 'ext-1');
    if (more.length === 0) return undefined;
    const root = baseType(rule.type)?.snapshot?.element[0];
    const own = new Set(root?.constraint?.map(({ key }) => key));
    const extra = more.filter(({ key }) => !own.has(key));
    if (extra.length === 0) return undefined;
    return (x, depth) => extra.map((one) => this.#invariant(one, rule.type, x, depth)).join('');
  }

  #invariant(constraint: { key: string }, type: string, x: string, depth: string): string {
    const expression = String((constraint as { expression?: unknown }).expression);
    const known = nativeInvariants.get(expression);
    if (known === '') return '';
    const native = x === 'v' ? known : undefined; // {name} is of the type's own children
    const invariant = compileInvariant(constraint, type);
    if (invariant === undefined) return '';
    const k = this.constants.add(invariant);
    if (native === undefined) return `invariant(S,${k},${x},${depth});`;
    return `if(!(${this.#filled(native)}))broken(S,${k},${depth});`;
  }

  /** `{name}` in native code asks whether the element is there. */
  #filled(native: string): string {
    return native.replace(/\{(\w+)\}/g, (_, name) => `(${this.#present(name)})`);
  }
}

type Invariants = ((x: string, depth: string) => string) | undefined;
