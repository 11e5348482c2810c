const namespace = 'http://www.w3.org/1999/xhtml';

/** More levels than that are refused. */
const deepest = 200;

/** R4 narrative.html: the elements of HTML 4.0 chapters 7–11 and 15, <a>, images. */
const elements = new Set(
  (
    'p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite ' +
    'blockquote hr address bdo kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead ' +
    'tr tfoot tbody th td code samp img map area ins del u s strike'
  ).split(' '),
);

const attributes = new Set(
  (
    'title style class id ID idref lang xml:lang xml:space dir accesskey tabindex span width align ' +
    'valign char charoff abbr axis headers scope rowspan colspan xmlns cite'
  ).split(' '),
);

/** Attributes that only these elements take. */
const own: Readonly<Record<string, string>> = {
  a: ' charset type name href hreflang rel rev shape coords target ',
  img: ' src alt longdesc height width usemap ismap border ',
  map: ' name ',
  area: ' shape coords href nohref alt ',
  table: ' summary border frame rules cellspacing cellpadding bgcolor ',
  ol: ' type start ',
  ul: ' type ',
  li: ' value type ',
  td: ' nowrap height bgcolor ',
  th: ' nowrap height bgcolor ',
  tr: ' bgcolor ',
  pre: ' space ',
  br: ' clear ',
  hr: ' size noshade ',
};

const tag =
  /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attribute = /([A-Za-z_:][\w:.-]*)\s*=\s*("[^"<]*"|'[^'<]*')/g;
const entity = /&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});/y;

/**
 * What is wrong with a narrative's div (R4 narrative.html, txt-1 and txt-2): well-formed XHTML in
 * its namespace, with the allowed elements and attributes only and with content. undefined:
 * nothing. Linear in the length.
 */
export function xhtmlFault(text: string): string | undefined {
  const open: string[] = [];
  let content = false;
  let at = 0;
  while (at < text.length) {
    const next = nextMark(text, at);
    if (!content && open.length > 0 && /\S/.test(text.slice(at, next))) content = true;
    if (open.length === 0 && /\S/.test(text.slice(at, next))) {
      return 'expected nothing outside of its <div>.';
    }
    if (next >= text.length) break;
    if (text.charCodeAt(next) === 38) {
      entity.lastIndex = next;
      if (!entity.test(text)) return 'an entity that XML does not know; write it as &#…;.';
      content = true;
      at = entity.lastIndex;
    } else if (text.startsWith('<!--', next)) {
      const end = text.indexOf('-->', next + 4);
      if (end < 0) return 'a comment does not end.';
      at = end + 3;
    } else {
      tag.lastIndex = next;
      const match = tag.exec(text);
      if (match === null) return `not well-formed XHTML near character ${next}.`;
      at = tag.lastIndex;
      if (match[2] === 'img') content = true;
      const fault = tagFault(match, open, next);
      if (fault !== undefined) return fault;
      if (open.length === 0 && /\S/.test(text.slice(at))) return 'expected one <div> only.';
    }
  }
  if (open.length > 0) return `an element is not closed: <${open[open.length - 1]}>.`;
  return content ? undefined : 'expected content that is not only white space (txt-2).';
}

const start = `<div xmlns="${namespace}">`;

/**
 * Surely sound narrative: text and tags without attributes. What else may be sound, xhtmlFault
 * says.
 */
export function plainXhtml(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 100_000) return false;
  if (!value.startsWith(start) || !value.endsWith('</div>')) return false;
  const open: string[] = [];
  let content = false;
  const last = value.length - 6;
  for (let at = start.length; at < last; at++) {
    const char = value.charCodeAt(at);
    if (char === 60) {
      const end = plainTag(value, at, open);
      if (end < 0) return false;
      at = end;
    } else if (char > 32) {
      if (char === 38 || char >= 0xd800) return false;
      content = true;
    } else if (char < 32 && char !== 10 && char !== 13 && char !== 9) return false;
  }
  return content && open.length === 0;
}

/** Where a tag without attributes ends; -1: it is another, or does not fit. */
function plainTag(text: string, at: number, open: string[]): number {
  const closing = text.charCodeAt(at + 1) === 47;
  const from = closing ? at + 2 : at + 1;
  let end = from;
  for (; end < text.length; end++) {
    const char = text.charCodeAt(end);
    if (!((char >= 97 && char <= 122) || (char >= 48 && char <= 57))) break;
  }
  const name = text.slice(from, end);
  if (closing) return text.charCodeAt(end) === 62 && open.pop() === name ? end : -1;
  if (!elements.has(name)) return -1;
  if (text.charCodeAt(end) === 47) return text.charCodeAt(end + 1) === 62 ? end + 1 : -1;
  if (text.charCodeAt(end) !== 62 || open.length >= deepest) return -1;
  open.push(name);
  return end;
}

function nextMark(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 60 || char === 38) return at;
  }
  return text.length;
}

function tagFault(match: RegExpExecArray, open: string[], at: number): string | undefined {
  const [, closing, name = '', given = '', single] = match;
  if (closing) {
    if (open.pop() !== name || given) return `an element is closed that is not open, at ${at}.`;
    return undefined;
  }
  if (open.length === 0 && name !== 'div') return 'XHTML whose outermost element is a <div>.';
  if (!elements.has(name)) return `an element that narrative does not allow, at character ${at}.`;
  const names = new Set<string>();
  for (const [, key = '', value = ''] of given.matchAll(attribute)) {
    if (names.has(key)) return `an attribute stands twice, at character ${at}.`;
    names.add(key);
    if (key === 'xmlns' && value.slice(1, -1) !== namespace)
      return `expected xmlns="${namespace}".`;
    if (!attributes.has(key) && !own[name]?.includes(` ${key} `)) {
      return `an attribute that narrative does not allow, at character ${at}.`;
    }
  }
  if (open.length === 0 && !names.has('xmlns')) return `expected <div xmlns="${namespace}">.`;
  if (!single) open.push(name);
  return open.length > deepest ? `nested deeper than ${deepest} elements.` : undefined;
}
