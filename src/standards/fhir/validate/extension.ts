import type { JsonObject } from '../json-object.ts';
import type { Walk } from './walk.ts';

/** An extension whose own structure was checked: its definition, and whether it may stand here. */
export function extension(walk: Walk, value: JsonObject, depth: number, modifier: boolean): void {
  walk.profiles?.extension(walk, value, depth, modifier);
}
