/** Why a text is not a resource's XML. The message says where and never quotes the text. */
export class XmlRefused extends Error {
  override name = 'XmlRefused';
  readonly line: number;
  readonly column: number;

  constructor(why: string, line: number, column: number) {
    super(`Line ${line}, column ${column}: ${why}.`);
    this.line = line;
    this.column = column;
  }
}
