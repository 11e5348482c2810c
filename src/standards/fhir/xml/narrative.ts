import { SaxesParser } from 'saxes';
import { escapeAttribute, escapeText } from './escape.ts';

export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml';

/** What stands inside Narrative.div, written again from what the XML reader tells. */
export class NarrativeText {
  #text = '';
  #open: string[] = [];
  /** `<br` still without its `>`: it closes itself when nothing comes. */
  #pending = false;

  get depth(): number {
    return this.#open.length;
  }

  open(name: string, attributes: readonly { name: string; value: string }[]): void {
    this.#settle();
    const namespace = this.#open.length === 0 ? ` xmlns="${xhtmlNamespace}"` : '';
    const written = attributes.map((one) => ` ${one.name}="${escapeAttribute(one.value)}"`);
    this.#text += `<${name}${namespace}${written.join('')}`;
    this.#open.push(name);
    this.#pending = true;
  }

  text(text: string): void {
    if (text === '') return;
    this.#settle();
    this.#text += escapeText(text);
  }

  close(): void {
    const name = this.#open.pop();
    if (this.#pending && this.#open.length > 0) this.#text += '/>';
    else {
      this.#settle();
      this.#text += `</${name}>`;
    }
    this.#pending = false;
  }

  toString(): string {
    return this.#text;
  }

  #settle(): void {
    if (this.#pending) this.#text += '>';
    this.#pending = false;
  }
}

/**
 * A div as it stands in JSON, for XML. One that is not a single well-formed div in its namespace
 * could close elements around it, or open others: its text is shown instead of obeyed.
 */
export function narrativeXml(div: string): string {
  return isWhole(div) ? div : `<div xmlns="${xhtmlNamespace}">${escapeText(div)}</div>`;
}

function isWhole(div: string): boolean {
  const parser = new SaxesParser<{ xmlns: true }>({ xmlns: true });
  let depth = 0;
  let sound = true;
  const fail = () => {
    sound = false;
  };
  parser.on('error', fail);
  parser.on('doctype', fail);
  parser.on('xmldecl', fail);
  parser.on('opentag', ({ local, uri }) => {
    if (uri !== xhtmlNamespace || (depth === 0 && local !== 'div')) fail();
    depth += 1;
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  parser.write(div).close();
  return sound;
}
