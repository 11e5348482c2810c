import { lookup as lookupName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Agent } from 'undici';
import { isPrivateAddress } from './private-address.ts';

export type Outgoing = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly timeoutMs: number;
};

/** What became of it; `problem` is a code without the address in it, fit for logs. */
export type Sent =
  | { readonly answered: true; readonly status: number }
  | { readonly answered: false; readonly problem: EgressProblem };

export type EgressProblem =
  | 'private-address'
  | 'not-https'
  | 'name-unknown'
  | 'refused'
  | 'timeout'
  | 'certificate'
  | 'connection';

export type Egress = {
  /** Sends and reads the answer to its end, 64 KiB at most. Redirects are not followed. */
  send(outgoing: Outgoing): Promise<Sent>;
  close(): Promise<void>;
};

/** Enough of an answer to read a status and let the connection be used again. */
const LARGEST_ANSWER = 64 * 1024;

class PrivateAddress extends Error {
  readonly code = 'EPRIVATE';
}

/**
 * Requests to addresses that callers gave us. The address a name resolves to is looked at when the
 * connection is made, so that a name cannot change its meaning between a check and its use.
 *
 * @param allowPrivate true on a laptop: then also http and the machine itself.
 */
export function openEgress(allowPrivate: boolean): Egress {
  let opened: Promise<Sender> | undefined;
  return {
    async send({ method, url, headers, body, timeoutMs }) {
      const refused = allowPrivate ? undefined : refusal(url);
      if (refused !== undefined) return { answered: false, problem: refused };
      opened ??= openSender(allowPrivate);
      const { agent, request } = await opened;
      try {
        const answer = await request(url, {
          ...{ method, headers: { ...headers }, dispatcher: agent },
          ...{ headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
          signal: AbortSignal.timeout(timeoutMs),
          ...(body === undefined ? {} : { body }),
        });
        await answer.body.dump({ limit: LARGEST_ANSWER });
        return { answered: true, status: answer.statusCode };
      } catch (error) {
        return { answered: false, problem: problemOf(error) };
      }
    },
    close: async () => (await opened)?.agent.destroy(),
  };
}

type Sender = { readonly agent: Agent; readonly request: typeof import('undici').request };

/** Loaded when something is first sent: 20 MB that many a server never needs. */
async function openSender(allowPrivate: boolean): Promise<Sender> {
  const { Agent, request } = await import('undici');
  const agent = new Agent({
    connections: 8,
    connect: { timeout: 10_000, ...(allowPrivate ? {} : { lookup: publicLookup }) },
    maxResponseSize: LARGEST_ANSWER,
  });
  return { agent, request };
}

/** An address written as a number is not looked up, so it is judged here. */
function refusal(url: string): EgressProblem | undefined {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:') return 'not-https';
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && isPrivateAddress(host) ? 'private-address' : undefined;
}

/** node:dns.lookup that knows no name leading to a private address. */
const publicLookup: LookupFunction = (name, options, done) => {
  lookupName(name, { ...options, all: true }, (error, found) => {
    const [first] = found ?? [];
    if (error !== null || first === undefined) {
      done(error ?? new PrivateAddress('the name has no address'), '');
    } else if (found.some((one) => isPrivateAddress(one.address))) {
      done(new PrivateAddress('the name leads to a private address'), '');
    } else if (options.all === true) done(null, found);
    else done(null, first.address, first.family);
  });
};

const problems: Readonly<Record<string, EgressProblem>> = {
  EPRIVATE: 'private-address',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'refused',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
};

function problemOf(error: unknown): EgressProblem {
  if (!(error instanceof Error)) throw error;
  if (error.name === 'TimeoutError') return 'timeout';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL/.test(code)) return 'certificate';
  return problems[code] ?? 'connection';
}
