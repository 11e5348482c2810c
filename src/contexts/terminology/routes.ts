import { type TSchema, Type } from 'typebox';
import { type Call, fhirRoute, type Reply, type Route } from '../../platform/http/route.ts';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import type { JsonObject } from '../../standards/fhir/json-object.ts';
import { isResourceId } from '../../standards/fhir/reference.ts';
import type { Terminology } from '../../standards/fhir/terminology/terminology.ts';
import { type Doors, denied } from './allow.ts';
import { expand, expandAccepts } from './expand.ts';
import { type Accepted, readInput } from './input.ts';
import { lookup, lookupAccepts } from './lookup.ts';
import { asTerminologyProblem, terminologyKinds } from './problems.ts';
import type { Question } from './question.ts';
import { subsumes, subsumesAccepts } from './subsumes.ts';
import { translate, translateAccepts } from './translate.ts';
import {
  codeSystemAccepts,
  validateInCodeSystem,
  validateInValueSet,
  valueSetAccepts,
} from './validate-code.ts';

/** What the routes ask, beside what they are called with. */
export type Asked = Doors & {
  /** The definitions of a tenant, made ready. */
  terminologyOf(tenant: number): Promise<Terminology>;
  /** A stored definition, read as its caller may and audited as a read. */
  readDefinition(caller: Caller, type: string, id: string): Promise<JsonObject>;
  readonly now: () => Date;
};

type Operation = {
  type: 'CodeSystem' | 'ConceptMap' | 'ValueSet';
  name: string;
  summary: string;
  accepts: Accepted;
  answer(question: Question): JsonObject;
};

const operations: readonly Operation[] = [
  {
    ...{ type: 'ValueSet', name: '$expand', accepts: expandAccepts, answer: expand },
    summary: 'List the codes of a value set',
  },
  {
    ...{ type: 'ValueSet', name: '$validate-code', accepts: valueSetAccepts },
    ...{ answer: validateInValueSet, summary: 'Is a code in a value set' },
  },
  {
    ...{ type: 'CodeSystem', name: '$validate-code', accepts: codeSystemAccepts },
    ...{ answer: validateInCodeSystem, summary: 'Is a code in a code system' },
  },
  {
    ...{ type: 'CodeSystem', name: '$lookup', accepts: lookupAccepts, answer: lookup },
    summary: 'What is known of a code',
  },
  {
    ...{ type: 'CodeSystem', name: '$subsumes', accepts: subsumesAccepts, answer: subsumes },
    summary: 'Is one code above another',
  },
  {
    ...{ type: 'ConceptMap', name: '$translate', accepts: translateAccepts, answer: translate },
    summary: 'What a code is in another code system',
  },
];

const replies: Readonly<Record<number, TSchema>> = {
  200: Type.Object({ resourceType: Type.String() }, { description: 'The answer' }),
  404: Type.Object({}, { description: 'Not known here' }),
  422: Type.Object({}, { description: 'Understood, but without an answer' }),
};

/** The FHIR terminology operations, on a type and on an instance, by GET and by POST. */
export function terminologyRoutes(asked: Asked): Route[] {
  return operations.flatMap((operation) =>
    (['GET', 'POST'] as const).flatMap((method) => [
      operationRoute(asked, operation, method, false),
      operationRoute(asked, operation, method, true),
    ]),
  );
}

function operationRoute(
  asked: Asked,
  operation: Operation,
  method: 'GET' | 'POST',
  onInstance: boolean,
): Route {
  const { type, name } = operation;
  const path = `/fhir/${type}/${onInstance ? ':id/' : ''}${name}`;
  const spec = { method, path, summary: operation.summary, tag: 'FHIR terminology', replies };
  return fhirRoute(spec, (call) => answered(asked, operation, call, call.params['id']));
}

type OperationCall = Call<Record<string, string>, unknown, Buffer> & { readonly caller: Caller };

/** Everything is in memory, so that an answer waits for nothing: 5 µs for a `$validate-code`. */
async function answered(
  asked: Asked,
  operation: Operation,
  call: OperationCall,
  id: string | undefined,
): Promise<Reply> {
  const { caller } = call;
  const { type, accepts } = operation;
  const refused = denied(asked, caller, type);
  if (refused !== undefined) await refused;
  const input = readInput(call, accepts, resourceNames[type]);
  const terminology = await asked.terminologyOf(caller.principal.tenant);
  const instance = id === undefined ? undefined : await instanceOf(asked, caller, type, id);
  try {
    return {
      status: 200,
      body: operation.answer({ terminology, input, instance, now: asked.now() }),
    };
  } catch (error) {
    throw asTerminologyProblem(error);
  }
}

const resourceNames = { CodeSystem: 'codeSystem', ConceptMap: 'conceptMap', ValueSet: 'valueSet' };

function instanceOf(asked: Asked, caller: Caller, type: string, id: string): Promise<JsonObject> {
  if (!isResourceId(id)) refuse(terminologyKinds.unknown, 'This is no id of a resource.');
  return asked.readDefinition(caller, type, id);
}
