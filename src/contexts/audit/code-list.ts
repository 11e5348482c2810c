/** Names and their numbers in the rows. Append only: a number, once written, keeps its name. */
export type CodeList = {
  /** 0 for a name not in the list. */
  number(name: string): number;
  /** '' for a number not in the list. */
  name(number: number): string;
};

export function codeList(names: readonly string[]): CodeList {
  const numbers = new Map(names.map((name, index) => [name, index + 1]));
  return {
    number: (name) => numbers.get(name) ?? 0,
    name: (number) => names[number - 1] ?? '',
  };
}
