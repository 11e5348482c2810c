/**
 * The codes of one value set (R4 valueset.html#compositions). `has` answers undefined where it
 * cannot be told here: the code system is one this program does not hold. Without a system, as a
 * `code` has none, any code of the set counts.
 */
export type CodeSet = { has(system: string | undefined, code: string): boolean | undefined };

/**
 * By canonical (url or url|version, R4 references.html#canonical); undefined: unknown value set.
 */
export type CodeSets = { codeSet(valueSet: string): CodeSet | undefined };
