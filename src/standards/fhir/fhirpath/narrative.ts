import { type Run, spendText } from './run.ts';
export function isNarrative(text: string, run: Run): boolean {
  spendText(run, text.length);
  return text.length > 0;
}
