import type { JsonObject } from '../json-object.ts';

type Part = JsonObject;
export const path = (text: string): Part => ({ name: 'path', valueString: text });
export const integer = (name: string, value: number): Part => ({ name, valueInteger: value });
export const value = (content: JsonObject): Part => ({ name: 'value', ...content });
export const named = (text: string): Part => ({ name: 'name', valueString: text });

export function operation(type: string, ...parts: Part[]): JsonObject {
  return { name: 'operation', part: [{ name: 'type', valueCode: type }, ...parts] };
}

export function parameters(...operations: JsonObject[]): JsonObject {
  return { resourceType: 'Parameters', parameter: operations };
}

export function patient(elements: JsonObject): JsonObject {
  return { resourceType: 'Patient', ...elements };
}

type Case = [what: string, before: JsonObject, operation: JsonObject, after: JsonObject];

export const identifiers = (...values: string[]) => ({
  identifier: values.map((text) => ({ system: 'http://example.org', value: text })),
});
export const contact = { contact: [{ name: { text: 'a name' }, gender: 'male' }] };

export const cases: Case[] = [
  [
    'replace a primitive',
    { birthDate: '1920-01-01', _birthDate: { id: 'x' } },
    operation('replace', path('Patient.birthDate'), value({ valueDate: '1930-01-01' })),
    { birthDate: '1930-01-01' },
  ],
  [
    'delete a primitive with its extensions',
    { birthDate: '1920-01-01', _birthDate: { id: 'x' } },
    operation('delete', path('Patient.birthDate')),
    {},
  ],
  ['delete what is not there', {}, operation('delete', path('Patient.birthDate')), {}],
  [
    'add a primitive',
    {},
    operation('add', path('Patient'), named('birthDate'), value({ valueDate: '1930-01-01' })),
    { birthDate: '1930-01-01' },
  ],
  [
    'add a primitive with an extension',
    {},
    operation(
      'add',
      path('Patient'),
      named('birthDate'),
      value({ valueDate: '1930', _valueDate: { id: 'b' } }),
    ),
    { birthDate: '1930', _birthDate: { id: 'b' } },
  ],
  [
    'replace a nested primitive',
    contact,
    operation('replace', path('Patient.contact[0].gender'), value({ valueCode: 'female' })),
    { contact: [{ name: { text: 'a name' }, gender: 'female' }] },
  ],
  [
    'delete the last of an element, and with it the element',
    contact,
    operation('delete', path('Patient.contact[0].name.text')),
    { contact: [{ gender: 'male' }] },
  ],
  [
    'add a complex element',
    {},
    operation(
      'add',
      path('Patient'),
      named('maritalStatus'),
      value({ valueCodeableConcept: { text: 'married' } }),
    ),
    { maritalStatus: { text: 'married' } },
  ],
  [
    'add an element of a type without a name',
    {},
    operation(
      'add',
      path('Patient'),
      named('contact'),
      value({
        part: [
          { name: 'name', valueHumanName: { text: 'a name' } },
          { name: 'telecom', valueContactPoint: { value: '1' } },
          { name: 'telecom', valueContactPoint: { value: '2' } },
        ],
      }),
    ),
    { contact: [{ name: { text: 'a name' }, telecom: [{ value: '1' }, { value: '2' }] }] },
  ],
  [
    'add to a choice',
    {},
    operation('add', path('Patient'), named('deceased'), value({ valueBoolean: true })),
    { deceasedBoolean: true },
  ],
  [
    'replace a choice by another type',
    { deceasedBoolean: true },
    operation('replace', path('Patient.deceased'), value({ valueDateTime: '2020-01-01' })),
    { deceasedDateTime: '2020-01-01' },
  ],
  [
    'add to a list',
    identifiers('1'),
    operation(
      'add',
      path('Patient'),
      named('identifier'),
      value({ valueIdentifier: { value: '2' } }),
    ),
    { identifier: [{ system: 'http://example.org', value: '1' }, { value: '2' }] },
  ],
  [
    'insert in a list',
    { name: [{ given: ['A', 'C'] }] },
    operation(
      'insert',
      path('Patient.name[0].given'),
      integer('index', 1),
      value({ valueString: 'B' }),
    ),
    { name: [{ given: ['A', 'B', 'C'] }] },
  ],
  [
    'insert at the end of a list',
    { name: [{ given: ['A'] }] },
    operation(
      'insert',
      path('Patient.name.given'),
      integer('index', 1),
      value({ valueString: 'B' }),
    ),
    { name: [{ given: ['A', 'B'] }] },
  ],
  [
    'insert in a list that is not there yet',
    { name: [{}] },
    operation(
      'insert',
      path('Patient.name.given'),
      integer('index', 0),
      value({ valueString: 'B' }),
    ),
    { name: [{ given: ['B'] }] },
  ],
  [
    'delete from a list, with the extensions at its place',
    { name: [{ given: ['A', 'B', 'C'], _given: [null, { id: 'b' }, { id: 'c' }] }] },
    operation('delete', path("Patient.name.given.where($this = 'B')")),
    { name: [{ given: ['A', 'C'], _given: [null, { id: 'c' }] }] },
  ],
  [
    'move forwards, as counted in the list without it',
    identifiers('1', '2', '3', '4'),
    operation('move', path('Patient.identifier'), integer('source', 0), integer('destination', 3)),
    identifiers('2', '3', '4', '1'),
  ],
  [
    'move backwards',
    identifiers('1', '2', '3', '4'),
    operation('move', path('Patient.identifier'), integer('source', 3), integer('destination', 1)),
    identifiers('1', '4', '2', '3'),
  ],
  [
    'add an extension to a primitive',
    { name: [{ given: ['A', 'B'] }] },
    operation(
      'add',
      path('Patient.name.given[1]'),
      named('extension'),
      value({
        part: [
          { name: 'url', valueUri: 'http://e.x' },
          { name: 'value', valueCode: 'c' },
        ],
      }),
    ),
    {
      name: [
        {
          given: ['A', 'B'],
          _given: [null, { extension: [{ url: 'http://e.x', valueCode: 'c' }] }],
        },
      ],
    },
  ],
  [
    'delete the extension of a primitive, whose value stays',
    { birthDate: '1920', _birthDate: { extension: [{ url: 'http://e.x', valueCode: 'c' }] } },
    operation('delete', path("Patient.birthDate.extension('http://e.x')")),
    { birthDate: '1920' },
  ],
  [
    'replace the narrative, for which R4 has no value type but string',
    { text: { status: 'generated', div: '<div>a</div>' } },
    operation('replace', path('Patient.text.div'), value({ valueString: '<div>b</div>' })),
    { text: { status: 'generated', div: '<div>b</div>' } },
  ],
  [
    'add to a list whose last has an extension only',
    { name: [{ given: ['A', null], _given: [null, { id: 'b' }] }] },
    operation('add', path('Patient.name'), named('given'), value({ valueString: 'C' })),
    { name: [{ given: ['A', null, 'C'], _given: [null, { id: 'b' }, null] }] },
  ],
  [
    'add the first extension to a list of primitives',
    { name: [{ given: ['A'] }] },
    operation(
      'add',
      path('Patient.name'),
      named('given'),
      value({ valueString: 'B', _valueString: { id: 'b' } }),
    ),
    { name: [{ given: ['A', 'B'], _given: [null, { id: 'b' }] }] },
  ],
  [
    'add a contained resource',
    {},
    operation(
      'add',
      path('Patient'),
      named('contained'),
      value({ resource: { resourceType: 'Organization', id: 'o' } }),
    ),
    { contained: [{ resourceType: 'Organization', id: 'o' }] },
  ],
];
