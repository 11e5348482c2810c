import { isJsonObject, type JsonObject } from '../json-object.ts';
import {
  type CopyBudget,
  CopyTooLarge,
  copyJson,
  maxCopiedMembers,
  sameJson,
  setMember,
} from './json-value.ts';
import { maxOperations, PatchRefused } from './patch-refused.ts';

/**
 * Applies a JSON Patch (RFC 6902) to a resource: all of it or nothing, on a copy. Neither argument
 * is changed, and the result shares nothing with them. Numbers keep the text they were written
 * with. Whether the result is still a resource is the caller's to ask.
 *
 * @throws {PatchRefused} `structure` for what is no JSON Patch, `not-found` for a location that is
 * not there, `conflict` for a `test` that fails, `value` for an index that is none, `too-costly`.
 */
export function applyJsonPatch(resource: JsonObject, patch: unknown): JsonObject {
  if (!Array.isArray(patch)) {
    throw new PatchRefused('structure', 'A JSON Patch is an array of operations.');
  }
  if (patch.length > maxOperations) {
    throw new PatchRefused('too-costly', `A patch has at most ${maxOperations} operations.`);
  }
  const operations = patch.map((operation: unknown, at) => readOperation(operation, at));
  const budget: CopyBudget = { members: maxCopiedMembers };
  const state: State = { root: resource, budget, at: 0 };
  guarded(state, () => {
    state.root = copyJson(resource, budget);
  });
  for (const [at, operation] of operations.entries()) {
    state.at = at;
    guarded(state, () => apply(state, operation));
  }
  if (!isJsonObject(state.root)) {
    throw new PatchRefused('structure', 'What the patch leaves is not one JSON object.');
  }
  return state.root;
}

type Operation =
  | { op: 'add' | 'replace' | 'test'; path: string[]; value: unknown }
  | { op: 'remove'; path: string[] }
  | { op: 'move'; path: string[]; from: string[] }
  | { op: 'copy'; path: string[]; from: string[] };

type State = { root: unknown; budget: CopyBudget; at: number };

function guarded(state: State, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof CopyTooLarge)) throw error;
    throw new PatchRefused('too-costly', 'the patch copies more than a record can hold.', state.at);
  }
}

function readOperation(operation: unknown, at: number): Operation {
  if (!isJsonObject(operation)) throw new PatchRefused('structure', 'it is not an object.', at);
  const { op } = operation;
  const path = pointer(operation, 'path', at);
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      // Section 4: a value may be null, but it must be there.
      if (!Object.hasOwn(operation, 'value')) {
        throw new PatchRefused('required', `${op} needs a value.`, at);
      }
      return { op, path, value: operation['value'] };
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from: pointer(operation, 'from', at) };
    default:
      throw new PatchRefused('structure', 'op is add, remove, replace, move, copy or test.', at);
  }
}

/** Characters of a JSON Pointer: far more than the deepest path of a resource. */
const longestPointer = 4096;

/** The reference tokens of a JSON Pointer (RFC 6901). */
function pointer(operation: JsonObject, member: 'path' | 'from', at: number): string[] {
  const text = operation[member];
  if (typeof text !== 'string') {
    throw new PatchRefused('required', `${member} is missing, or is not a string.`, at);
  }
  if (text === '') return [];
  if (text.length > longestPointer || !/^(?:\/(?:[^~/]|~[01])*)+$/.test(text)) {
    throw new PatchRefused('structure', `${member} is not a JSON Pointer: /name/0/given.`, at);
  }
  const tokens = text.slice(1).split('/');
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function apply(state: State, operation: Operation): void {
  const { path } = operation;
  const copy = (value: unknown) => copyJson(value, state.budget);
  if (operation.op === 'add') add(state, path, copy(operation.value));
  else if (operation.op === 'remove') remove(state, path);
  else if (operation.op === 'replace') replace(state, path, copy(operation.value));
  else if (operation.op === 'move') move(state, operation.from, path);
  else if (operation.op === 'copy') add(state, path, copy(get(state, operation.from)));
  else if (!sameJson(get(state, path), operation.value)) {
    throw new PatchRefused('conflict', 'the record is not what this test expects.', state.at);
  }
}

/** Section 4.4: `from` must not lie above `path`; moving a value onto itself changes nothing. */
function move(state: State, from: readonly string[], to: readonly string[]): void {
  const value = get(state, from);
  if (from.every((token, at) => token === to[at])) {
    if (from.length === to.length) return;
    throw new PatchRefused('value', 'a value cannot be moved into itself.', state.at);
  }
  remove(state, from);
  add(state, to, value);
}

function missing(state: State): PatchRefused {
  return new PatchRefused('not-found', 'the path leads to nothing in the record.', state.at);
}

function get(state: State, path: readonly string[]): unknown {
  let value = state.root;
  for (const token of path) {
    if (Array.isArray(value)) value = value[index(state, token, value.length - 1)];
    else if (isJsonObject(value) && Object.hasOwn(value, token)) value = value[token];
    else throw missing(state);
  }
  return value;
}

/** The container of the last token; the path is not empty. */
function container(state: State, path: readonly string[]): { holder: unknown; last: string } {
  return { holder: get(state, path.slice(0, -1)), last: path.at(-1) ?? '' };
}

/** RFC 6901 section 4: digits without a zero in front. */
function index(state: State, token: string, greatest: number): number {
  if (!/^(?:0|[1-9][0-9]{0,9})$/.test(token)) {
    throw new PatchRefused('value', 'an array needs an index here: 0, 1, 2.', state.at);
  }
  const at = Number(token);
  if (at > greatest) throw missing(state);
  return at;
}

function add(state: State, path: readonly string[], value: unknown): void {
  if (path.length === 0) {
    state.root = value;
    return;
  }
  const { holder, last } = container(state, path);
  if (Array.isArray(holder)) {
    holder.splice(last === '-' ? holder.length : index(state, last, holder.length), 0, value);
  } else if (isJsonObject(holder)) setMember(holder, last, value);
  else throw missing(state);
}

function remove(state: State, path: readonly string[]): void {
  if (path.length === 0) {
    throw new PatchRefused('value', 'the whole record cannot be removed by a patch.', state.at);
  }
  const { holder, last } = container(state, path);
  if (Array.isArray(holder)) holder.splice(index(state, last, holder.length - 1), 1);
  else if (isJsonObject(holder) && Object.hasOwn(holder, last)) delete holder[last];
  else throw missing(state);
}

function replace(state: State, path: readonly string[], value: unknown): void {
  if (path.length === 0) {
    state.root = value;
    return;
  }
  const { holder, last } = container(state, path);
  if (Array.isArray(holder)) holder[index(state, last, holder.length - 1)] = value;
  else if (isJsonObject(holder) && Object.hasOwn(holder, last)) setMember(holder, last, value);
  else throw missing(state);
}
