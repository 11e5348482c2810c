/** The head of a log (C2SP tlog-checkpoint): which log, how many leaves, what root. */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Buffer };

/** The text of the note to sign: origin, decimal size, base64 root, a line each. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** Undefined when the text is no checkpoint; extension lines after the third are passed over. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', decimal = '', encoded = ''] = text.split('\n');
  const root = Buffer.from(encoded, 'base64');
  const size = Number(decimal);
  const wellFormed =
    origin !== '' &&
    /^(?:0|[1-9]\d*)$/.test(decimal) &&
    Number.isSafeInteger(size) &&
    root.length === 32 &&
    root.toString('base64') === encoded;
  return wellFormed ? { origin, size, root } : undefined;
}
