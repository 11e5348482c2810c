/**
 * What a bar is drawn from: bytes as they lie on the disk, resources stored and refused, time
 * spent.
 */
export interface LoadProgress {
  bytesRead: number;
  bytesTotal: number;
  /** Of bytesRead, what an earlier run had done: it tells nothing about the time left. */
  bytesSkipped?: number;
  resources: number;
  refused: number;
  elapsedMs: number;
}

const widestBar = 40;
const thousands = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/**
 * `▇▇▇░░ 42 %  4,210 resources/s  1 m 20 s left  3 refused`, at most `columns` wide: the bar gives
 * way first, then what stands last.
 */
export function progressBar(progress: LoadProgress, columns: number): string {
  const part = share(progress);
  const facts = factsOf(progress, part);
  while (facts.length > 1 && facts.join('  ').length > columns) facts.pop();
  const text = facts.join('  ').slice(0, Math.max(columns, 0));
  const width = Math.min(widestBar, columns - text.length - 1);
  if (width < 5) return text;
  const full = Math.floor(part * width);
  return `${'▇'.repeat(full)}${'░'.repeat(width - full)} ${text}`;
}

/** The same without a bar, for a log or a file. */
export function progressLine(progress: LoadProgress): string {
  const stored = `${thousands.format(progress.resources)} resources`;
  return [stored, ...factsOf(progress, share(progress))].join('  ');
}

function factsOf(progress: LoadProgress, part: number): string[] {
  const { resources, refused, elapsedMs } = progress;
  const rate = elapsedMs > 0 ? (resources / elapsedMs) * 1000 : 0;
  const facts = [`${Math.floor(part * 100)} %`, `${thousands.format(rate)} resources/s`];
  const { bytesRead, bytesTotal, bytesSkipped = 0 } = progress;
  const own = share({ bytesRead: bytesRead - bytesSkipped, bytesTotal: bytesTotal - bytesSkipped });
  // Before a hundredth is read a forecast says more about the start than about the rest.
  if (part >= 1) facts.push(`${duration(elapsedMs)} taken`);
  else if (own >= 0.01) facts.push(`${duration((elapsedMs / own) * (1 - own))} left`);
  if (refused > 0) facts.push(`${thousands.format(refused)} refused`);
  return facts;
}

function share({ bytesRead, bytesTotal }: Pick<LoadProgress, 'bytesRead' | 'bytesTotal'>): number {
  return bytesTotal <= 0 ? 1 : Math.min(Math.max(bytesRead / bytesTotal, 0), 1);
}

/** `45 s`, `1 m 20 s`, `2 h 5 m` */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}
