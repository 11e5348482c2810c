import { type FhirNode, nodeOf } from '../../fhirpath/fhirpath.ts';
import type { JsonObject } from '../../json-object.ts';
import type { StructureDefinition } from '../../snapshot/element-definition.ts';
import type { Step } from '../place.ts';
import { isAbsoluteUri } from '../uri.ts';
import type { Walk } from '../walk.ts';
import { checkNode } from './check-element.ts';
import type { ProfileElement } from './element.ts';
import { contextFits } from './extension-context.ts';
import type { Profiles } from './profiles.ts';

type Known = {
  /** What its definition demands, but for the url, by which it was found. */
  root: ProfileElement | undefined;
  modifier: boolean;
  definition: StructureDefinition;
  /** Where it was found to be allowed; what a place is does not change. */
  fits: WeakSet<Step>;
};

/** Urls without a definition that are not looked up again; each is at most 300 characters. */
const mostUnknown = 2_000;

/** Extensions by their definitions (R4 extensibility.html, defining-extensions.html). */
export class ExtensionCheck {
  readonly #profiles: Profiles;
  readonly #known = new Map<string, Known>();
  readonly #unknown = new Set<string>();

  constructor(profiles: Profiles) {
    this.#profiles = profiles;
  }

  check(walk: Walk, value: JsonObject, depth: number, modifier: boolean): void {
    const { url } = value;
    if (typeof url !== 'string' || url === '') return;
    const known = this.#find(url);
    if (known === undefined) unknown(walk, url, { depth, modifier });
    else {
      if (known.modifier !== modifier) {
        const text = known.modifier
          ? 'Extension.url: its definition makes it a modifierExtension.'
          : 'Extension.url: its definition is not one of a modifierExtension.';
        walk.error('structure', depth, text);
      }
      const place = walk.step[depth - 1];
      if (place !== undefined && !known.fits.has(place)) allowed(walk, known, { place, depth });
      const { root } = known;
      if (root !== undefined) checkNode(root, walk, extensionNode(value), depth);
    }
  }

  #find(url: string): Known | undefined {
    const known = this.#known.get(url);
    if (known !== undefined) return known;
    if (this.#unknown.has(url)) return undefined;
    const definition = this.#profiles.definition(url);
    const profile = definition?.type === 'Extension' ? this.#profiles.profile(url) : undefined;
    if (definition === undefined || profile === undefined || url.includes('|')) {
      if (this.#unknown.size < mostUnknown && url.length < 300) this.#unknown.add(url);
      return undefined;
    }
    const modifier = definition.snapshot?.element[0]?.['isModifier'] === true;
    const root = profile.root && {
      ...profile.root,
      children: profile.root.children.filter(({ key }) => key !== 'url'),
    };
    const found = { root, modifier, definition, fits: new WeakSet<Step>() };
    this.#known.set(url, found);
    return found;
  }
}

function extensionNode(value: JsonObject): FhirNode {
  return { ...nodeOf(value), type: 'Extension' };
}

type Place = { place: Step; depth: number };

function allowed(walk: Walk, { definition, fits }: Known, { place, depth }: Place): void {
  const parent = walk.resource;
  const fit = contextFits(definition, { walk, depth: depth - 1, resource: parent });
  if (fit === 'here') fits.add(place);
  else if (fit === 'no') {
    const text = 'Extension.url: its definition does not allow it here.';
    if (misplaced.test(definition.url)) walk.warning('structure', depth, text);
    else walk.error('structure', depth, text);
  }
}

/** R4 itself uses these where its own definitions do not allow them (fhir-type, at every id). */
const misplaced =
  /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/(?:(?:structure|element)definition-|regex$)/;

/** Elements of other FHIR versions, as extensions (R5 versions.html#extensions). */
const ofOtherVersion =
  /^http:\/\/hl7\.org\/fhir\/[1-9]\.[0-9]\/StructureDefinition\/extension-[A-Z]/;

function unknown(
  walk: Walk,
  url: string,
  { depth, modifier }: { depth: number; modifier: boolean },
): void {
  if (!isAbsoluteUri(url)) {
    // R4 extensibility.html#Extension.url: parts of a complex extension have names
    if (walk.step[depth - 1]?.type === 'Extension') return;
    walk.error('value', depth, 'Extension.url: expected an absolute URI.');
  } else if (url.includes('|')) {
    walk.error('value', depth, 'Extension.url: expected the url of a definition, without version.');
  } else if (modifier && !ofOtherVersion.test(url)) {
    const text =
      'Extension.url: no such modifier extension is known here, so it cannot be allowed.';
    walk.error('not-found', depth, text);
  } else {
    const text = 'Extension.url: no such extension is known here: it was not checked.';
    if (modifier) walk.warning('not-found', depth, text);
    else walk.information('not-found', depth, text);
  }
}
