import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scratch } from './scratch.ts';

/** The real program in a process of its own. */
export type ServerUnderTest = {
  readonly address: string;
  readonly pid: number;
  readonly readySeconds: number;
  readonly dataFolder: string;
  /** PostgreSQL's superuser, for limits and sizes. */
  readonly databaseUrl: string;
  stop(): Promise<void>;
};

const secret = randomBytes(12).toString('hex');
const main = join(import.meta.dirname, '../../src/main.ts');
let profileFolder: string | undefined;

/** From now on each server writes a CPU profile there when it ends. */
export function profileInto(folder: string): void {
  profileFolder = folder;
}

type Started = { scratch: Scratch; dataFolder: string; script?: string };

/** Ready when it resolves. No setting of the surroundings reaches it; its port is a free one. */
export async function startServer({ scratch, dataFolder, script }: Started) {
  const began = performance.now();
  const profile =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  // The launcher's own flags and compile cache, as `npm start` gives them.
  const flags = [...process.execArgv, ...profile];
  const child = spawn(process.execPath, [...flags, script ?? main, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      PORT: '0',
      MEDCONNECT_DATA: dataFolder,
      MEDCONNECT_LOG_LEVEL: 'warn',
      MEDCONNECT_DEMO_PASSWORD: secret,
      MEDCONNECT_DEMO_CLIENT_SECRET: secret,
      MEDCONNECT_ACCESS_TOKEN_SECONDS: '86400',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches the bench alone, which then stops the server once.
    detached: true,
  });
  const log = tail(child);
  let ending = false;
  const stop = scratch.onClose(() => {
    ending = true;
    return end(child, dataFolder);
  });
  const address = await ready(child, log);
  child.once('close', (code, signal) => {
    // The load only sees its connections break.
    if (!ending) process.stderr.write(`the server ended (${signal ?? code}): ${log()}\n`);
  });
  const server: ServerUnderTest = {
    address,
    pid: child.pid ?? 0,
    readySeconds: (performance.now() - began) / 1000,
    dataFolder,
    databaseUrl: await databaseUrl(dataFolder),
    stop,
  };
  return server;
}

/** The last of what it logged. */
function tail(child: ChildProcess): () => string {
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err = (err + text).slice(-4000);
  });
  return () => err;
}

function ready(child: ChildProcess, log: () => string): Promise<string> {
  let out = '';
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const address = /is ready at (\S+)/.exec(out)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`The server ended: ${log()}`)));
  });
}

/** In order within 40 s; after that both are killed, so that a stuck one is not left behind. */
async function end(child: ChildProcess, dataFolder: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    void killDatabase(dataFolder);
  }, 40_000);
  await gone;
  clearTimeout(timer);
}

async function killDatabase(dataFolder: string): Promise<void> {
  const text = await readFile(join(dataFolder, 'postgres/postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (pid > 1) process.kill(pid, 'SIGQUIT');
}

async function databaseUrl(dataFolder: string): Promise<string> {
  const [lock, password] = await Promise.all([
    readFile(join(dataFolder, 'server.pid'), 'utf8'),
    readFile(join(dataFolder, 'postgres.password'), 'utf8'),
  ]);
  const { socket }: { socket: string } = JSON.parse(lock);
  return `postgresql://postgres:${password.trim()}@/postgres?host=${encodeURIComponent(socket)}`;
}

/** A token of `doctor@medconnect.test` and the like. */
export function loginToken({ address }: { address: string }, account: string): Promise<string> {
  const email = `${account}@medconnect.test`;
  return token(`${address}/api/v1/auth/login`, { email, password: secret });
}

/** A token of the demo tenant's client, as a connected system has it. */
export function clientToken({ address }: { address: string }): Promise<string> {
  const body = { client_id: 'demo-backend', client_secret: secret };
  return token(`${address}/api/v1/auth/service-token`, {
    ...body,
    grant_type: 'client_credentials',
  });
}

async function token(url: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`No token: ${answer.status} ${await answer.text()}`);
  const { access_token: text }: { access_token: string } = JSON.parse(await answer.text());
  return text;
}
