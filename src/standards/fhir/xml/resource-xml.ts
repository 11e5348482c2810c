import { parseResourceJson } from '../json.ts';
import type { JsonObject } from '../json-object.ts';
import { parseResourceXml } from './read-xml.ts';
import { resourceXml } from './write-xml.ts';

/** A resource's text from JSON to XML and back (R4 xml.html), for whoever forwards texts. */
export const xmlOfResources = {
  /** @throws {XmlRefused} see parseResourceXml. */
  read: (bytes: Buffer): JsonObject => parseResourceXml(bytes),
  /** @throws {JsonRefused} for what is no resource's JSON. */
  write: (json: string | Buffer): string => resourceXml(parseResourceJson(json)),
};
