import type { DefinitionSource } from '../../definition-source.ts';
import { resourceTypes } from '../../definitions.ts';
import type { FhirNode } from '../../fhirpath/fhirpath.ts';
import { nodeOf } from '../../fhirpath/fhirpath.ts';
import { isJsonObject, type JsonObject } from '../../json-object.ts';
import type { ElementDefinition, StructureDefinition } from '../../snapshot/element-definition.ts';
import { type ElementNode, treeOf } from '../../snapshot/element-tree.ts';
import { deepest } from '../place.ts';
import { baseDefinition } from '../r4-definition.ts';
import type { Walk } from '../walk.ts';
import { checkNode } from './check-element.ts';
import { type CompileContext, compileElement } from './compile-element.ts';
import type { ProfileElement } from './element.ts';
import { ExtensionCheck } from './extension-check.ts';

const core = 'http://hl7.org/fhir/StructureDefinition/';

/** A profile ready to be checked; `root` undefined: it demands nothing beyond its type. */
export type Profile = { url: string; type: string; root: ProfileElement | undefined };

/** The profiles one validator knows, compiled when first asked for. */
export class Profiles {
  readonly #definitions: DefinitionSource;
  readonly #compiled = new Map<string, Profile>();
  readonly #trees = new Map<string, ElementNode>();
  readonly #extensions: ExtensionCheck;
  /** What was found conforming in this run; true while it is being looked at. */
  #conforming = new Map<unknown, Map<string, boolean>>();
  #requested: readonly string[] = [];

  constructor(definitions: DefinitionSource) {
    this.#definitions = definitions;
    this.#extensions = new ExtensionCheck(this);
  }

  restart(requested: readonly string[]): void {
    this.#requested = requested;
    if (this.#conforming.size > 0) this.#conforming = new Map();
  }

  /** R4's own definitions are there also when the source does not hold them. */
  definition(canonical: string): StructureDefinition | undefined {
    const found = this.#definitions.find('StructureDefinition', canonical);
    return (found as StructureDefinition | undefined) ?? baseDefinition(canonical);
  }

  /** undefined: no such profile is known, or it has no snapshot. */
  profile(canonical: string): Profile | undefined {
    const known = this.#compiled.get(canonical);
    if (known !== undefined) return known;
    const definition = this.definition(canonical);
    const tree = definition && this.tree(canonical);
    let profile: Profile | undefined;
    if (definition && tree) {
      const { url, type } = definition;
      const plain = url === core + type;
      profile = {
        url,
        type,
        root: plain ? undefined : compileElement(tree, type, this.#context()),
      };
    }
    if (profile !== undefined) this.#compiled.set(canonical, profile);
    return profile;
  }

  tree(canonical: string): ElementNode | undefined {
    const known = this.#trees.get(canonical);
    if (known !== undefined) return known;
    const elements = this.definition(canonical)?.snapshot?.element;
    const tree = elements && isUsable(elements) ? treeOf(elements) : undefined;
    if (tree !== undefined) this.#trees.set(canonical, tree);
    return tree;
  }

  #context(): CompileContext {
    const context: CompileContext = {
      treeOf: (url) => this.tree(url),
      typeOf: (url) => {
        const name = url.startsWith(core) ? url.slice(core.length) : '';
        return resourceTypes.has(name) ? name : this.definition(url)?.type;
      },
      compile: (node) => compileElement(node, node.element.path, context),
      compiled: new Map(),
    };
    return context;
  }

  /** The profiles a resource claims, and those asked for if it is the whole. */
  resource(walk: Walk, value: JsonObject, type: string, depth: number): void {
    if (depth === 0) {
      for (const url of this.#requested) this.#one(walk, value, { url, type, depth, asked: true });
    }
    const { meta } = value;
    if (!walk.metaProfiles || !isJsonObject(meta) || !Array.isArray(meta['profile'])) return;
    for (const url of meta['profile']) {
      if (typeof url !== 'string' || (depth === 0 && this.#requested.includes(url))) continue;
      this.#one(walk, value, { url, type, depth, asked: false });
    }
  }

  #one(
    walk: Walk,
    value: JsonObject,
    { url, type, depth, asked }: { url: string; type: string; depth: number; asked: boolean },
  ): void {
    const profile = this.profile(url);
    if (profile === undefined) {
      const text =
        'The profile is not known here, or too large: whether it is met was not checked.';
      if (asked) walk.error('not-found', depth, text);
      else walk.warning('not-found', depth, text);
    } else if (profile.type !== type && !general.has(profile.type)) {
      const text = `The profile is one of ${profile.type}, and the resource is not.`;
      walk.error('structure', depth, text);
    } else if (profile.root !== undefined) checkNode(profile.root, walk, nodeOf(value), depth);
  }

  /** Checks an element against a profile and tells what is wrong. */
  check(walk: Walk, node: FhirNode, canonical: string, depth: number): void {
    const profile = this.profile(canonical);
    if (profile === undefined) {
      walk.warning('not-found', depth, `The profile ${canonical} is not known here.`);
    } else if (this.#begin(node, profile.url)) {
      this.#within(walk, node, () => {
        if (profile.root !== undefined) checkNode(profile.root, walk, node, depth);
      });
      this.#conforming.get(node.value)?.delete(profile.url);
    }
  }

  /** Whether it conforms, without telling; undefined: the profile is not known. */
  conforms(walk: Walk, node: FhirNode, canonical: string): boolean | undefined {
    const profile = this.profile(canonical);
    if (profile === undefined) return undefined;
    const { url, type, root } = profile;
    if (type !== node.type && !general.has(type)) return false;
    if (root === undefined) return true;
    const known = this.#conforming.get(node.value)?.get(url);
    if (known !== undefined) return known;
    this.#begin(node, url);
    const { depth: above } = walk;
    const depth = Math.min(above + 1, deepest);
    const issues = walk.attempt(() =>
      this.#within(walk, node, () => checkNode(root, walk, node, depth)),
    );
    walk.depth = above;
    const met = issues.every(({ severity }) => severity !== 'error');
    this.#conforming.get(node.value)?.set(url, met);
    return met;
  }

  /** False: it is being checked already, further up. */
  #begin({ value }: FhirNode, url: string): boolean {
    let urls = this.#conforming.get(value);
    if (urls === undefined) {
      urls = new Map();
      this.#conforming.set(value, urls);
    }
    if (urls.has(url)) return false;
    urls.set(url, true);
    return true;
  }

  /** %resource and the scope of local references are those of the resource that is looked at. */
  #within(walk: Walk, { value }: FhirNode, check: () => void): void {
    if (!isJsonObject(value) || typeof value['resourceType'] !== 'string') {
      check();
      return;
    }
    const { resource, root } = walk;
    const contained = root?.['contained'];
    walk.resource = value;
    if (!(Array.isArray(contained) && contained.includes(value))) walk.root = value;
    check();
    walk.resource = resource;
    walk.root = root;
  }

  extension(walk: Walk, value: JsonObject, depth: number, modifier: boolean): void {
    this.#extensions.check(walk, value, depth, modifier);
  }
}

/** Elements of a snapshot, and steps of a path: published profiles stop at 3,000 and 12. */
const mostElements = 10_000;
const mostSteps = 100;

/** A snapshot that came with its profile may be of any size. */
function isUsable(elements: readonly ElementDefinition[]): boolean {
  if (elements.length > mostElements) return false;
  return elements.every(({ path }) => path.length < 4_000 && path.split('.').length <= mostSteps);
}

const general = new Set(['Resource', 'DomainResource', 'Element']);
