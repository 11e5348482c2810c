import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import type { DefinitionFile } from './definition-file.ts';

/** Definitions kept parsed, the last asked for; a profile with its snapshot is about 1 MB. */
const mostParsed = 100;
/** Compressed bytes of what is kept parsed: about 25 MB of JSON. */
const mostBytes = 2 * 1024 * 1024;

/** The definitions someone asked for last, so that asking again reads nothing. */
export class ParsedDefinitions {
  readonly #kept = new Map<string, { made: JsonObject; size: number }>();
  #bytes = 0;

  get(key: string, file: DefinitionFile): JsonObject {
    const known = this.#kept.get(key);
    const one = known ?? { made: file.read(), size: file.size };
    // Asked for last: it goes last.
    this.#kept.delete(key);
    this.#kept.set(key, one);
    if (known === undefined) {
      this.#bytes += one.size;
      this.#forget();
    }
    return one.made;
  }

  /** What it has become, if it is still kept. */
  replace(key: string, made: JsonObject): void {
    const known = this.#kept.get(key);
    if (known !== undefined) this.#kept.set(key, { ...known, made });
  }

  #forget(): void {
    for (const [key, { size }] of this.#kept) {
      const within = this.#kept.size <= mostParsed && this.#bytes <= mostBytes;
      if (within || this.#kept.size === 1) return;
      this.#kept.delete(key);
      this.#bytes -= size;
    }
  }
}
