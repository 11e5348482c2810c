import { closedLoop, type Run } from './closed-loop.ts';
import { requestBytes } from './http-client.ts';

/** Bundles to POST at the server, all of them, by so many clients at once. */
export type Upload = {
  readonly address: string;
  readonly token: string;
  readonly bundles: readonly string[];
  readonly clients: number;
  /** Told of each answer's body, in any order. */
  answered?(n: number, body: Buffer): void;
};

export function postBundles({ address, token, bundles, clients, answered }: Upload): Promise<Run> {
  return closedLoop(address, {
    clients,
    seconds: Number.POSITIVE_INFINITY,
    next(n) {
      const body = bundles[n];
      return body === undefined
        ? undefined
        : requestBytes({ method: 'POST', path: '/fhir', token, body });
    },
    right(n, status, body) {
      answered?.(n, body);
      return status === 200;
    },
  });
}
