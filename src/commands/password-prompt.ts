import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Halt } from '../platform/halt.ts';

/** Asks twice at the terminal; what is typed is not shown. */
export async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Halt('No terminal to ask for the password at: set MEDCONNECT_ADMIN_PASSWORD.');
  }
  const password = await ask('Password: ');
  if ((await ask('Once more: ')) !== password) throw new Halt('The two are not the same.');
  return password;
}

async function ask(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: silent, terminal: true });
  const stopped = new AbortController();
  prompt.once('SIGINT', () => stopped.abort());
  process.stderr.write(question);
  try {
    return await prompt.question('', { signal: stopped.signal });
  } catch (cause) {
    // Ctrl-C or Ctrl-D.
    throw new Halt('Nothing was made.', { cause });
  } finally {
    prompt.close();
    process.stderr.write('\n');
  }
}
