/** Append only: the place in the list is the bit in the row; the last takes what is not listed. */
const names = ['identity', 'contact', 'clinical', 'financial', 'administrative'] as const;
const OTHER = 1 << 14;

export function groupBits(groups: readonly string[]): number {
  let bits = 0;
  for (const group of groups) {
    const at = names.indexOf(group as (typeof names)[number]);
    bits |= at < 0 ? OTHER : 1 << at;
  }
  return bits;
}

export function groupNames(bits: number): string[] {
  const listed: string[] = names.filter((_, at) => (bits & (1 << at)) !== 0);
  if ((bits & OTHER) !== 0) listed.push('other');
  return listed;
}
