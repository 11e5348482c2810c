import { type Run, spend } from './run.ts';

/** HTML 4.0 chapters 7 to 11 without section 4 of chapter 9, and chapter 15; a and img (R4 txt-1). */
const elements = new Set(
  `p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn code var samp kbd img map area
  abbr acronym cite blockquote hr address bdo q sub sup ins del ul ol li dl dt dd pre table caption
  colgroup col thead tfoot tbody tr td th`.split(/\s+/),
);

/** Formatting and structure only: no event handlers, no scripts, no forms (narrative.html#security). */
const attributes = new Set(
  `title style class id idref lang xml:lang dir accesskey tabindex span width height align valign
  char charoff abbr axis headers scope rowspan colspan nowrap href name src alt border cite charset
  type hreflang rel rev shape coords longdesc usemap ismap nohref summary frame rules cellspacing
  cellpadding xml:space xmlns`.split(/\s+/),
);

const xhtml = 'http://www.w3.org/1999/xhtml';
/** Elements in each other; no human reads deeper tables. */
const maxDepth = 200;
const tag =
  /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z_][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attribute = /([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;
const brokenEntity = /&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)/;

/**
 * R4's htmlChecks(): one well-formed XHTML div of formatting elements only (txt-1) that has some
 * content to read, or an image (txt-2). Linear in the text.
 */
export function isNarrative(text: string, run: Run): boolean {
  spend(run, 1 + (text.length >> 2));
  const open: string[] = [];
  let readable = false;
  let roots = 0;
  let at = 0;
  while (at < text.length) {
    if (text[at] !== '<') {
      const end = nextTag(text, at);
      const content = text.slice(at, end);
      if (brokenEntity.test(content)) return false;
      if (/[^\s]/.test(content.replaceAll('&nbsp;', ' '))) {
        if (open.length === 0) return false;
        readable = true;
      }
      at = end;
      continue;
    }
    if (text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at + 4);
      if (end < 0) return false;
      at = end + 3;
      continue;
    }
    tag.lastIndex = at;
    const found = tag.exec(text);
    if (!found) return false;
    at = tag.lastIndex;
    const [, closing, name = '', list = '', alone] = found;
    if (closing) {
      if (list || alone || open.pop() !== name) return false;
      continue;
    }
    if (open.length === 0 && (name !== 'div' || ++roots > 1)) return false;
    if (!isAllowed(name, list, open.length === 0)) return false;
    if (name === 'img') readable = true;
    if (!alone && open.push(name) > maxDepth) return false;
  }
  return roots === 1 && open.length === 0 && readable;
}

function nextTag(text: string, from: number): number {
  const at = text.indexOf('<', from);
  return at < 0 ? text.length : at;
}

function isAllowed(name: string, list: string, root: boolean): boolean {
  if (!elements.has(name)) return false;
  let namespace: string | undefined;
  const seen = new Set<string>();
  for (const [, key = '', double, single] of list.matchAll(attribute)) {
    const value = double ?? single ?? '';
    if (!attributes.has(key) || seen.has(key) || brokenEntity.test(value)) return false;
    seen.add(key);
    if (key === 'xmlns') namespace = value;
    if (isScript(key, value)) return false;
  }
  return root ? namespace === xhtml : namespace === undefined || namespace === xhtml;
}

/** A link that would run code where the narrative is shown. */
function isScript(key: string, value: string): boolean {
  return (key === 'href' || key === 'src') && /^\s*(?:javascript|vbscript):/i.test(value);
}
