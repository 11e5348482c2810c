import { duration, type LoadSum } from '#records';

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
/** Types shown by name; the rest is one line. */
const SHOWN = 12;

/** What a load came to, for the person in front: counts only. */
export function summary(sum: LoadSum, dryRun: boolean): string {
  const { resources, elapsedMs, refused, loadedBefore } = sum;
  const rate = number.format(elapsedMs > 0 ? (resources / elapsedMs) * 1000 : 0);
  const done = dryRun ? 'Checked' : 'Stored';
  const lines = [
    `${done} ${number.format(resources)} resources in ${took(elapsedMs)} (${rate}/s).`,
    ...byType(sum.stored),
  ];
  if (loadedBefore > 0) {
    lines.push(`Stored already: ${number.format(loadedBefore)} (Bundles and single resources).`);
  }
  if (refused > 0)
    lines.push(`Refused: ${number.format(refused)}, told above; nothing of them was stored.`);
  if (sum.stopped) lines.push('Stopped before the end. The same command goes on from there.');
  return `${lines.join('\n')}\n`;
}

function byType(stored: ReadonlyMap<string, number>): string[] {
  const all = [...stored].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  const rest = all.slice(SHOWN).reduce((sum, [, count]) => sum + count, 0);
  const shown = all.slice(0, SHOWN);
  if (rest > 0) shown.push([`${all.length - SHOWN} more types`, rest]);
  const width = Math.max(0, ...shown.map(([, count]) => number.format(count).length));
  return shown.map(([type, count]) => `  ${number.format(count).padStart(width)}  ${type}`);
}

function took(elapsedMs: number): string {
  return elapsedMs < 10_000 ? `${(elapsedMs / 1000).toFixed(1)} s` : duration(elapsedMs);
}
