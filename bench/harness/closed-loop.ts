import { type HttpClient, openHttpClient } from './http-client.ts';
import { type Spread, spreadOf } from './spread.ts';

/** Clients that each send the next request when the last is answered. */
export type Load = {
  readonly clients: number;
  /** After these seconds no request begins; Infinity: until `next` has no more. */
  readonly seconds: number;
  /** The n-th request, counted over all clients. */
  next(n: number): Buffer | undefined;
  /** Whether the n-th answer is right; looked at for every answer, so it must be cheap. */
  right(n: number, status: number, body: Buffer): boolean;
};

export type Run = Spread & { readonly seconds: number };

/** Throws when any answer was wrong: a fast wrong answer is no figure. */
export async function closedLoop(address: string, load: Load): Promise<Run> {
  const { hostname, port } = new URL(address);
  const clients = await Promise.all(
    Array.from({ length: load.clients }, () => openHttpClient(hostname, Number(port))),
  );
  try {
    return await loop(clients, load);
  } finally {
    for (const client of clients) client.close();
  }
}

async function loop(clients: readonly HttpClient[], load: Load): Promise<Run> {
  const millis: number[] = [];
  let sent = 0;
  let wrong: string | undefined;
  const began = performance.now();
  const until = began + load.seconds * 1000;

  const one = (client: HttpClient) =>
    new Promise<void>((resolve) => {
      const step = () => {
        const at = performance.now();
        const n = sent;
        const request = at < until && wrong === undefined ? load.next(n) : undefined;
        if (request === undefined) {
          resolve();
          return;
        }
        sent += 1;
        client.send(request, (status, body) => {
          millis.push(performance.now() - at);
          if (!load.right(n, status, body)) wrong ??= told(status, body);
          step();
        });
      };
      step();
    });

  await Promise.all(clients.map(one));
  const seconds = (performance.now() - began) / 1000;
  if (wrong !== undefined) throw new Error(`An answer was wrong: ${wrong}`);
  return { ...spreadOf(millis, seconds), seconds };
}

function told(status: number, body: Buffer): string {
  return status === 0 ? 'the connection broke' : `${status} ${body.toString().slice(0, 500)}`;
}
