import type { InjectOptions } from 'fastify';
import type { Body, TestRecords } from '../records.ts';

export type Reply = {
  status: number;
  /** A header's value; '' when it is not there. */
  header(name: string): string;
  text: string;
  /** The JSON of the body; a test that reads a member of what is no JSON fails there. */
  body: Body;
};
export type Asked = { body?: object | string; headers?: Record<string, string> };
/** `call('GET', '/fhir/Patient/1')`, as one who speaks HTTP and knows the specification only. */
export type Call = (method: Method, url: string, asked?: Asked) => Promise<Reply>;
type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

const json = 'application/fhir+json';

export function callAs(r: TestRecords, token: string | undefined): Call {
  return async (method, url, { body, headers = {} } = {}) => {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const typed = body !== undefined && headers['content-type'] === undefined;
    const answer = await r.app.server.inject({
      ...{ method, url },
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(typed ? { 'content-type': json } : {}),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    } satisfies InjectOptions);
    const isJson = /[+/]json/.test(String(answer.headers['content-type'])) && answer.body !== '';
    return {
      ...{ status: answer.statusCode, text: answer.body },
      header: (name) => String(answer.headers[name.toLowerCase()] ?? ''),
      body: (isJson ? JSON.parse(answer.body) : undefined) as Body,
    };
  };
}

/** The path of an absolute URL of ours, for the next request. */
export const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]+/, '');
