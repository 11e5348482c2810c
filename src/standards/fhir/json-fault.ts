/** The first thing wrong with a text that should be JSON, in characters from its start. */
export type JsonFault = { code: 'not-json' | 'duplicate-key'; offset: number };

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const escapePattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Reads JSON by the letter of RFC 8259 to find its first fault; undefined when there is none. Only
 * for texts that JSON.parse refused or that have a key twice: V8 says where only sometimes, and
 * quotes the text when it does. Recurses, so the caller has bounded the nesting.
 */
export function firstFault(text: string): JsonFault | undefined {
  const reader = new Reader(text);
  try {
    reader.blank();
    reader.value();
    reader.blank();
    return reader.at < text.length ? { code: 'not-json', offset: reader.at } : undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) return { code: thrown.code, offset: thrown.offset };
    throw thrown;
  }
}

class Fault extends Error {
  code: JsonFault['code'];
  offset: number;
  constructor(code: JsonFault['code'], offset: number) {
    super(code);
    this.code = code;
    this.offset = offset;
  }
}

class Reader {
  text: string;
  at = 0;
  constructor(text: string) {
    this.text = text;
  }

  value(): void {
    const first = this.text[this.at];
    if (first === '{') this.object();
    else if (first === '[') this.array();
    else if (first === '"') this.string();
    else if (first === 't') this.word('true');
    else if (first === 'f') this.word('false');
    else if (first === 'n') this.word('null');
    else this.pattern(numberPattern);
  }

  object(): void {
    const keys = new Set<string>();
    this.members('}', () => {
      const from = this.at;
      if (this.text[from] !== '"') this.refuse();
      this.string();
      const key: string = JSON.parse(this.text.slice(from, this.at));
      if (keys.has(key)) throw new Fault('duplicate-key', from);
      keys.add(key);
      this.blank();
      this.word(':');
      this.blank();
      this.value();
    });
  }

  array(): void {
    this.members(']', () => this.value());
  }

  members(close: string, member: () => void): void {
    this.at++;
    this.blank();
    if (this.text[this.at] === close) {
      this.at++;
      return;
    }
    for (;;) {
      member();
      this.blank();
      if (this.text[this.at] === close) break;
      this.word(',');
      this.blank();
    }
    this.at++;
  }

  string(): void {
    this.at++;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === 0x22) break;
      if (code === 0x5c) this.pattern(escapePattern);
      else if (code >= 0x20) this.at++;
      else this.refuse();
    }
    this.at++;
  }

  word(word: string): void {
    for (const letter of word) {
      if (this.text[this.at] !== letter) this.refuse();
      this.at++;
    }
  }

  pattern(pattern: RegExp): void {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? this.refuse();
    this.at += found.length;
  }

  blank(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at++;
  }

  refuse(): never {
    throw new Fault('not-json', this.at);
  }
}
