export type PolicyFile = { name: string; text: string };

/** One statement: its words, and where it stands. After a comma at its end it goes on below. */
export type PolicyLine = {
  file: string;
  line: number;
  indented: boolean;
  keyword: string;
  rest: string;
};

export function policyLines({ name, text }: PolicyFile): PolicyLine[] {
  const found: PolicyLine[] = [];
  let open = false;
  text.split(/\r?\n/).forEach((raw, index) => {
    const words = raw.replace(/#.*$/, '').trimEnd();
    if (words.trim() === '') return;
    const last = found.at(-1);
    if (open && last !== undefined) {
      last.rest += ` ${words.trim()}`;
    } else {
      const [, keyword = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(words) ?? [];
      found.push({ file: name, line: index + 1, indented: /^\s/.test(words), keyword, rest });
    }
    open = words.endsWith(',');
  });
  return found;
}

/** `a, b, c`; an empty place between two commas is a mistake. */
export function namesIn(line: PolicyLine, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!/^[\w.*-]+$/.test(name)) wrong(line, `expected names with commas between, not "${text}"`);
  }
  return names;
}

export function wrong(line: PolicyLine, what: string): never {
  throw new Error(`${line.file}:${line.line}: ${what}.`);
}
