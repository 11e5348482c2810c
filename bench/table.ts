import type { Goal, Result } from './claim.ts';

const heads = ['figure', 'value', '', 'limit', 'ratio', 'goal', 'met', 'runs'];

/** The results for a reader: one line each, aligned, and what the limits are below. */
export function table(results: readonly Result[]): string {
  const rows = [heads, ...results.map(cells)];
  const widths = heads.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) =>
        isNumber(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${[...lines, '', ...limitLines(results)].join('\n')}\n`;
}

const isNumber = (column: number) => [1, 3, 4].includes(column);

function cells(result: Result): string[] {
  const { name, value, unit, limit, ratio, goal, met, runs } = result;
  return [
    name,
    figure(value),
    unit,
    limit === null ? '' : figure(limit),
    ratio === null ? '' : figure(ratio),
    goal === null ? '' : goalText(goal),
    met === null ? '' : met ? 'yes' : 'NO',
    runs.map(figure).join(' '),
  ];
}

/** Three digits say what a run on a shared machine knows. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const [whole = '', rest] = value.toFixed(decimals).split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? spaced : `${spaced}.${rest}`;
}

function goalText({ of, bound, target }: Goal): string {
  return `${of} ${bound === 'least' ? '≥' : '≤'} ${figure(target)}`;
}

/** Names are told by what they begin with: one claim's limits are mostly one thing. */
function limitLines(results: readonly Result[]): string[] {
  const named = new Map<string, string[]>();
  for (const { name, against } of results) {
    if (against !== null) named.set(against, [...(named.get(against) ?? []), name]);
  }
  return [
    'value and limit: median of the runs; ratio: median of value ÷ limit, run by run',
    ...[...named].map(([against, names]) => `limit of ${commonWords(names)}: ${against}`),
  ];
}

function commonWords(names: readonly string[]): string {
  const [first = [], ...others] = names.map((name) => name.split(' '));
  const same = first.findIndex((word, at) => others.some((other) => other[at] !== word));
  return (same < 0 ? first : [...first.slice(0, Math.max(1, same)), '…']).join(' ');
}
