const inText = /[&<>]/g;
const inAttribute = /[&<>"\t\n\r]/g;
const named: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
  // As characters an XML reader would turn them into spaces (XML 1.0 section 3.3.3).
  ...{ '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' },
};

export function escapeText(text: string): string {
  return text.replace(inText, (character) => named[character] ?? character);
}

export function escapeAttribute(text: string): string {
  return text.replace(inAttribute, (character) => named[character] ?? character);
}
