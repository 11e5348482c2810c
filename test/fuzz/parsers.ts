import assert from 'node:assert/strict';
import {
  compileFhirPath,
  FhirPathRefused,
  nodeOf,
} from '../../src/standards/fhir/fhirpath/fhirpath.ts';
import { JsonRefused, parseResourceJson, strangersCost } from '../../src/standards/fhir/json.ts';
import { applyFhirPathPatch } from '../../src/standards/fhir/patch/fhirpath-patch.ts';
import { applyJsonPatch } from '../../src/standards/fhir/patch/json-patch.ts';
import { PatchRefused } from '../../src/standards/fhir/patch/patch-refused.ts';
import { parseReference } from '../../src/standards/fhir/reference.ts';
import { extractIndex } from '../../src/standards/fhir/search/extract.ts';
import { parseSearch } from '../../src/standards/fhir/search/parse-query.ts';
import { SearchRefused } from '../../src/standards/fhir/search/search-refused.ts';
import { checkStructure } from '../../src/standards/fhir/structure.ts';
import { compilePattern } from '../../src/standards/fhir/terminology/pattern.ts';
import { TerminologyRefused } from '../../src/standards/fhir/terminology/refused.ts';
import { xhtmlFault } from '../../src/standards/fhir/validate/xhtml.ts';
import { parseResourceXml } from '../../src/standards/fhir/xml/read-xml.ts';
import { resourceXml } from '../../src/standards/fhir/xml/write-xml.ts';
import { XmlRefused } from '../../src/standards/fhir/xml/xml-refused.ts';
import { parseUnit } from '../../src/standards/ucum/unit.ts';

/** What reads texts of strangers: anything else it throws is a fault. */
export type Parser = {
  read(text: Buffer): void;
  refusals: readonly (new (...given: never[]) => Error)[];
  seeds: readonly string[];
};

const patient = {
  ...{ resourceType: 'Patient', id: 'a', active: true, birthDate: '1970-01-01' },
  ...{ name: [{ family: 'Ann', given: ['B', 'C'] }], extension: [{ url: 'x', valueString: 'y' }] },
};
const texts = JSON.stringify(patient);
const pathPatch = JSON.stringify({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'insert' },
        { name: 'path', valueString: "Patient.name.where(family = 'Ann').given" },
        { name: 'index', valueInteger: 1 },
        { name: 'value', valueString: 'D' },
      ],
    },
  ],
});

export const parsers: Readonly<Record<string, Parser>> = {
  json: {
    refusals: [JsonRefused],
    seeds: [texts, '{"resourceType":"Observation","valueQuantity":{"value":1.50}}', '{"a":[1e3]}'],
    read(text) {
      const resource = parseResourceJson(text, { maxCost: strangersCost });
      const again = JSON.stringify(resource);
      assert.equal(JSON.stringify(parseResourceJson(again)), again);
      if (checkStructure(resource).some(({ severity }) => severity === 'error')) return;
      extractIndex({ ...resource, resourceType: String(resource['resourceType']) });
      // What the structure allows can be written as XML and read again.
      assert.equal(resourceXml(parseResourceXml(resourceXml(resource))), resourceXml(resource));
    },
  },
  xml: {
    refusals: [XmlRefused],
    seeds: [resourceXml(patient), '<Patient xmlns="http://hl7.org/fhir"><id value="a"/></Patient>'],
    read(text) {
      checkStructure(parseResourceXml(text));
    },
  },
  fhirPath: {
    refusals: [FhirPathRefused],
    seeds: ["name.where(use = 'x').given.first() & 'a'", "iif(1 > 2, 3 'mg', {}) | @2024-01"],
    read(text) {
      const options = { now: new Date(0), steps: 20_000 };
      compileFhirPath(text.toString()).evaluate(nodeOf(patient), options);
    },
  },
  search: {
    refusals: [SearchRefused],
    seeds: ['name:exact=a,b&_filter=name eq "a" and (birthdate gt 2020 or not (active eq true))'],
    read(text) {
      const pairs = [...new URLSearchParams(text.toString())];
      parseSearch('Patient', pairs, { lenient: false });
    },
  },
  observationSearch: {
    refusals: [SearchRefused],
    seeds: [
      'value-quantity=ap5.4||mg&subject:Patient.name=x&code-value-quantity=a|b$gt5&_sort=-date',
    ],
    read(text) {
      const pairs = [...new URLSearchParams(text.toString())];
      parseSearch('Observation', pairs, { lenient: true, ignoreEmpty: true, now: 0 });
    },
  },
  jsonPatch: {
    refusals: [JsonRefused, PatchRefused],
    seeds: ['{"p":[{"op":"copy","from":"/name/0","path":"/name/-"},{"op":"test","path":"/id"}]}'],
    read: (text) => void applyJsonPatch(patient, parseResourceJson(text)['p']),
  },
  pathPatch: {
    refusals: [JsonRefused, PatchRefused],
    seeds: [pathPatch],
    read: (text) => void applyFhirPathPatch(patient, parseResourceJson(text)),
  },
  pattern: {
    refusals: [TerminologyRefused],
    seeds: ['^[a-c]+(x|y){1,3}\\d?$', '(a|b)*[^x]'],
    read: (text) => void compilePattern(text.toString()).matches('aaaaaaaaaaaaaaaaab'),
  },
  others: {
    refusals: [],
    seeds: ['kg.m/s2', '10*3/uL', 'Patient/a/_history/1', 'urn:uuid:x', '<div><a href="x"/></div>'],
    read(text) {
      parseUnit(text.toString());
      parseReference(text.toString());
      xhtmlFault(text.toString());
    },
  },
};
