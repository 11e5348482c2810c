/**
 * How alike two words are, 0 to 1: Jaro's share of common letters that stand near each other,
 * raised for a common beginning (Winkler 1990, p = 0.1, four letters). Symmetric; 1 only for the
 * same word. Costs the product of the lengths: callers bound them.
 */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1;
  if (a === '' || b === '') return 0;
  const jaro = jaroOf(a, b);
  let prefix = 0;
  while (prefix < 4 && prefix < a.length && a[prefix] === b[prefix]) prefix += 1;
  return jaro + prefix * 0.1 * (1 - jaro);
}

function jaroOf(a: string, b: string): number {
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = new Array<boolean>(b.length).fill(false);
  const common: string[] = [];
  for (let at = 0; at < a.length; at += 1) {
    const last = Math.min(b.length - 1, at + reach);
    for (let other = Math.max(0, at - reach); other <= last; other += 1) {
      if (taken[other] === true || a[at] !== b[other]) continue;
      taken[other] = true;
      common.push(a[at] ?? '');
      break;
    }
  }
  if (common.length === 0) return 0;
  const inOrder = [...b].filter((_, at) => taken[at] === true);
  const moved = common.filter((letter, at) => letter !== inOrder[at]).length / 2;
  const { length } = common;
  return (length / a.length + length / b.length + (length - moved) / length) / 3;
}
