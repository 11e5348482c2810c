import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { kinds, Problem } from '../problem.ts';

/**
 * The same resource in XML: what the server needs to speak it beside JSON. `read` throws an Error
 * whose message may be told to the caller.
 */
export type XmlFace = {
  read(bytes: Buffer): object;
  write(json: string | Buffer): string;
};

export const fhirXml = 'application/fhir+xml';

/**
 * XML is read at about 14 MB/s, on the thread that answers everyone: 5 MB keep that under half a
 * second.
 */
const LARGEST = 5 * 1024 * 1024;

const xmlType = /^(application\/(fhir\+)?xml|text\/xml|application\/xml\+fhir)$/i;

/** Whether a format's name (Accept, `_format`) is one of XML; a `+` may have become a space. */
export function isXmlFormat(format: string): boolean {
  const bare = (format.split(';', 1)[0] ?? '').trim().replace(' ', '+');
  return bare.toLowerCase() === 'xml' || xmlType.test(bare);
}

/**
 * R4 http.html#mime-type: `_format` overrides Accept; of what Accept lists the highest q counts,
 * then the first.
 */
export function wantsXml(accept: string | undefined, format: string | undefined): boolean {
  if (format !== undefined) return isXmlFormat(format);
  if (accept === undefined || !/xml/i.test(accept)) return false;
  let best = { xml: false, q: 0 };
  for (const range of accept.split(',')) {
    const q = Number(/;\s*q=([\d.]+)/i.exec(range)?.[1] ?? 1);
    const xml = isXmlFormat(range);
    // A browser lists text/html first: it is answered in JSON.
    const spoken = xml || /json|\*\/\*|application\/\*|text\/html/i.test(range);
    if (spoken && q > best.q) best = { xml, q };
  }
  return best.xml;
}

/** The body as the routes read it; what is no XML passes as it is. */
export function jsonBody(face: XmlFace, headers: IncomingHttpHeaders, body: unknown): unknown {
  if (!Buffer.isBuffer(body) || !isXmlFormat(headers['content-type'] ?? '')) return body;
  if (body.length > LARGEST) {
    throw new Problem(kinds.tooLarge, 'A body in XML may have 5 MiB: send it as JSON.');
  }
  try {
    return Buffer.from(JSON.stringify(face.read(body)));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const issues = [{ severity: 'fatal' as const, code: 'structure', text: error.message }];
    throw new Problem(kinds.badRequest, error.message, { issues, cause: error });
  }
}

/** The headers as of a call in JSON: what the routes know of formats is JSON alone. */
export function jsonHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const json = (of: string | undefined) => `application/fhir+json${fhirVersionOf(of)}`;
  const { accept, 'content-type': sent } = headers;
  const type = sent !== undefined && isXmlFormat(sent) ? { 'content-type': json(sent) } : {};
  return { ...headers, ...type, accept: json(accept) };
}

/** R4 http.html#version-parameter, with its semicolon: whether it is spoken, the routes know. */
function fhirVersionOf(type = ''): string {
  const version = /;\s*fhirVersion\s*=\s*"?([\w.]+)/i.exec(type)?.[1];
  return version === undefined ? '' : `; fhirVersion=${version}`;
}

/** An answer as one text: XML is not streamed. */
export async function collected(body: string | Buffer | Readable): Promise<string | Buffer> {
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Buffer | string);
    size += bytes.length;
    if (size > LARGEST) {
      body.destroy();
      throw new Problem(kinds.tooLarge, 'The answer is too large for XML: ask for JSON.');
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
