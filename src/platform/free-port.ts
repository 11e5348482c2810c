import { createServer } from 'node:net';
import { codeOf } from './error-code.ts';
import { Halt } from './halt.ts';

/** Asked before anything slow starts; the real listen may still lose the port in between. */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(port, host, resolve);
    });
  } catch (error) {
    throw portProblem(error, host, port);
  }
  await new Promise((resolve) => probe.close(resolve));
}

/** A port nobody listens on just now. */
export async function freePort(host: string): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, host, resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}

export function portProblem(error: unknown, host: string, port: number): unknown {
  const sentence = sentences[codeOf(error) ?? ''];
  return sentence === undefined ? error : new Halt(sentence(host, port), { cause: error });
}

const sentences: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (_host, port) => `Port ${port} is in use; set PORT.`,
  EACCES: (_host, port) => `This user may not listen on port ${port}; set PORT.`,
  EADDRNOTAVAIL: (host) => `${host} is not an address of this machine; set HOST.`,
  ENOTFOUND: (host) => `${host} is not a known host; set HOST.`,
};
