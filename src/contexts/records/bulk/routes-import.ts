import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ndjsonRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import { kinds, refuse } from '../../../platform/problem.ts';
import { JsonRefused, parseResourceJson, strangersCost } from '../../../standards/fhir/json.ts';
import { fhirReplies, one, requireJsonFace } from '../fhir-call.ts';
import { accepted } from '../job/accepted.ts';
import type { Jobs } from '../job/jobs.ts';
import { wantsAsync } from '../job/wants-async.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { type AnswerFolder, newSecret } from './answer-folder.ts';
import { type ImportInput, type ImportOrder, inputsOf } from './import-order.ts';
import { uploaded } from './import-source.ts';

const tag = 'FHIR bulk data';

type ImportRoutes = {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly folder: AnswerFolder;
  /** From which files may be fetched. */
  readonly hosts: readonly string[];
};

type NdjsonCall = Parameters<Parameters<typeof ndjsonRoute>[1]>[0];

/** Bulk import: the NDJSON itself, or a manifest of where it lies. */
export function importRoutes({ store, jobs, folder, hosts }: ImportRoutes): Route[] {
  const path = '/fhir/$import';
  const summary = 'Import records as NDJSON, sent here or fetched from where a manifest says';
  const replies = { ...fhirReplies, 202: fhirReplies[200] ?? {} };
  return [
    ndjsonRoute({ method: 'POST', path, summary, tag, replies }, async (call) => {
      requireJsonFace(call.headers, []);
      if (!wantsAsync(call.headers['prefer'])) {
        refuse(kinds.badRequest, 'An import takes its time: send Prefer: respond-async.');
      }
      requireMayWrite(call);
      const request = `${store.baseUrl.replace(/\/fhir$/, '')}${call.url}`;
      const order = await orderFrom(call, request);
      return submitted(call, order);
    }),
  ];

  /** Each record is decided on; who may make none at all need not send gigabytes to hear it. */
  function requireMayWrite({ caller }: NdjsonCall): void {
    const { principal, purpose } = caller;
    const may = ['Patient', 'Observation', 'Organization'].some(
      (type) => store.access.decide(principal, 'create', type, false, purpose).permit,
    );
    if (!may) refuse(kinds.authorizationDenied, 'Your roles do not store records.');
  }

  async function orderFrom(call: NdjsonCall, request: string): Promise<ImportOrder> {
    const { body } = call;
    if (Buffer.isBuffer(body)) return { request, inputs: inputsOf(parsedBody(body), hosts) };
    if (body === undefined) refuse(kinds.badRequest, 'Send NDJSON, or a manifest as JSON.');
    return kept(call, request, body);
  }

  /** Sealed as it arrives: the job begins when all of it is here. */
  async function kept(call: NdjsonCall, request: string, body: Readable): Promise<ImportOrder> {
    const { tenant } = call.caller.principal;
    const [upload, secret] = [randomUUID(), newSecret()];
    await folder.prepare(tenant, upload);
    const place = { tenant, job: upload, name: 'input', secret };
    try {
      const pieces = uploaded(body, one(call.headers['content-encoding']));
      const bytes = await folder.writeText(place, pieces);
      if (bytes === 0) refuse(kinds.badRequest, 'The body is empty: send a resource on each line.');
      const inputs: ImportInput[] = [{ from: 'upload', bytes }];
      return { request, inputs, upload, secret };
    } catch (error) {
      await folder.remove(tenant, upload);
      throw error;
    }
  }

  async function submitted({ caller }: NdjsonCall, order: ImportOrder): Promise<Reply> {
    const { tenant } = caller.principal;
    try {
      const id = await jobs.submit(caller, { kind: 'import', asked: order });
      const inputs = order.inputs.length;
      await store.audit.release(tenant, [
        {
          ...{ type: 'record.import', action: 'E', outcome: 'success', caller },
          note: { job: id, inputs },
        },
      ]);
      return accepted(store.baseUrl, id);
    } catch (error) {
      if (order.upload !== undefined) await folder.remove(tenant, order.upload);
      throw error;
    }
  }
}

function parsedBody(bytes: Buffer): unknown {
  try {
    return parseResourceJson(bytes, { maxCost: strangersCost });
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    return refuse(recordKinds.notJson, error.message);
  }
}
