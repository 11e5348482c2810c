import { request } from 'node:http';

/** The members any answer of a journey may have; a test says which it expects. */
export interface Body {
  resourceType: string;
  id: string;
  meta: { versionId: string };
  name: { family?: string; given?: string[] }[];
  code: { text: string };
  entry: { fullUrl: string; resource: Body; response: { status: string; location: string } }[];
  link: { relation: string; url: string }[];
  issue: { details: { coding: { code: string }[]; text: string } }[];
  access_token: string;
  refresh_token: string;
  patient_id: string;
  roles: string[];
  user: { id: string; patient_id?: string };
  logs: LogBody[];
  total: number;
  next: string | null;
  status: string;
  checked: number;
  unsequenced: number;
  first_broken: { seq: number; event_id: string; what: string; says: string } | null;
  checkpoint: { size: number; note: string; key: string } | null;
  error: { code: string; message: string };
}
export interface LogBody {
  id: string;
  event_type: string;
  outcome: string;
  user_id: string;
  resource_type: string;
  resource_id: string;
  patient_id: string;
  version: number;
  phi_groups: string[];
  correlation_id: string;
  timestamp: string;
}

export type Answer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  /** Read from the text when asked for. */
  readonly body: Body;
};

export type Sent = { body?: unknown; headers?: Record<string, string>; method?: string };

/** One request over real HTTP. Text and Buffers go as they are, anything else as JSON. */
export async function visit(url: string, sent: Sent = {}): Promise<Answer> {
  const { body } = sent;
  const plain = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined;
  const payload = plain ? body : JSON.stringify(body);
  const kind = new URL(url).pathname.startsWith('/fhir') ? 'fhir+json' : 'json';
  const headers = {
    ...(payload === undefined ? {} : { 'content-type': `application/${kind}` }),
    ...sent.headers,
  };
  const method = sent.method ?? (payload === undefined ? 'GET' : 'POST');
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        // An answer cut short by a killed server is no answer.
        if (!response.complete) return reject(new Error('the answer broke off'));
        resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks)));
      });
    });
    asked.on('error', reject);
    asked.setTimeout(60_000, () => asked.destroy(new Error('no answer within 60 s')));
    asked.end(payload);
  });
}

function answerOf(status: number, headers: Answer['headers'], bytes: Buffer): Answer {
  const text = bytes.toString('utf8');
  return {
    ...{ status, headers, text },
    get body() {
      return JSON.parse(text) as Body;
    },
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A person's access token, at the program's real login. */
export async function login(address: string, email: string, password: string): Promise<string> {
  const body = { email, password, device_id: 'journey' };
  const answer = await visit(`${address}/api/v1/auth/login`, { body });
  if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.text}`);
  return answer.body.access_token;
}

/** A system's access token. */
export async function serviceToken(address: string, id: string, secret: string): Promise<string> {
  const body = { client_id: id, client_secret: secret };
  const answer = await visit(`${address}/api/v1/auth/service-token`, { body });
  if (answer.status !== 200) throw new Error(`service-token: ${answer.status} ${answer.text}`);
  return answer.body.access_token;
}

/** The whole log, newest first, page by page. */
export async function wholeLog(address: string, token: string): Promise<LogBody[]> {
  const logs: LogBody[] = [];
  for (let cursor = ''; ; ) {
    const url = `${address}/api/v1/audit/logs?limit=500${cursor}`;
    const answer = await visit(url, { headers: bearer(token) });
    if (answer.status !== 200) throw new Error(`audit: ${answer.status} ${answer.text}`);
    logs.push(...answer.body.logs);
    if (answer.body.next === null) return logs;
    cursor = `&cursor=${answer.body.next}`;
  }
}
