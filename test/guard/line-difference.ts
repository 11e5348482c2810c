import { diff } from 'node:util';

/** Changed lines with a sign before them, under the unindented line they belong to; '' for none. */
export function difference(before: string, after: string): string {
  let text = '';
  let heading = '';
  let shown = '';
  // 1 and -1 as Node gives them: of the first argument and of the second.
  for (const [side, line] of diff(after.split('\n'), before.split('\n'))) {
    if (/^\S/.test(line)) heading = line;
    if (side === 0) continue;
    if (shown !== heading && heading !== line) text += ` ${heading}\n`;
    shown = heading;
    text += `${side > 0 ? '+' : '-'} ${line}\n`;
  }
  return text;
}
