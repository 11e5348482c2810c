import type { Environment } from './config.ts';
import { nearestName } from './nearest-name.ts';
import { codeOf } from './platform/error-code.ts';
import { Halt } from './platform/halt.ts';
import { Problem } from './platform/problem.ts';

/** Exit codes: 0 done, 1 could not or found something wrong, 2 the command was not understood. */
type Command = {
  usage: string;
  run(args: string[], env: Environment): Promise<number>;
};

const commands: Readonly<Record<string, { summary: string; open: () => Promise<Command> }>> = {
  serve: { summary: 'start the server (the default)', open: () => import('./commands/serve.ts') },
  migrate: {
    summary: 'bring the database up to this version',
    open: () => import('./commands/migrate.ts'),
  },
  load: {
    summary: 'load FHIR files, or patients it makes up',
    open: () => import('./commands/load.ts'),
  },
  'load-terminology': {
    summary: 'load SNOMED CT, LOINC or RxNorm as published',
    open: () => import('./commands/load-terminology.ts'),
  },
  reindex: {
    summary: 'index stored records by new search parameters, at once',
    open: () => import('./commands/reindex.ts'),
  },
  'verify-audit': {
    summary: 'prove that the audit log is as it was written',
    open: () => import('./commands/verify-audit.ts'),
  },
  admin: {
    summary: 'make an account: admin create --email …',
    open: () => import('./commands/admin.ts'),
  },
  openapi: {
    summary: 'write the OpenAPI document',
    open: () => import('./commands/openapi.ts'),
  },
  config: { summary: 'list every setting', open: () => import('./commands/config.ts') },
};

async function main(args: string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${(await import('./version.ts')).version}\n`);
    return 0;
  }
  const named = first !== undefined && !first.startsWith('-');
  const asked = named ? rest : args;
  const help = asked.includes('--help') || asked.includes('-h');
  if (first === 'help') return teach(rest[0]);
  if (help && !named) return teach(undefined);
  const name = named ? first : 'serve';
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) return unknown(name);
  const command = await entry.open();
  if (!help) return command.run(asked, process.env);
  process.stdout.write(command.usage);
  return 0;
}

async function teach(name: string | undefined): Promise<number> {
  const entry = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  process.stdout.write(entry === undefined ? overview() : (await entry.open()).usage);
  return 0;
}

function unknown(name: string): number {
  const near = nearestName(name, Object.keys(commands));
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  process.stderr.write(`medconnect: there is no command ${name}.${hint}\n\n${overview()}`);
  return 2;
}

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const list = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return `medconnect [command] [options]

A sealed, audited FHIR R4 record store with identity and access.

Commands
${list.join('\n')}

  medconnect <command> --help   what it does, its options, examples
  medconnect --version

Examples
  medconnect                    start on http://127.0.0.1:8080
  PORT=9090 medconnect serve    start on another port
`;
}

/** What a person can mend is one sentence; a defect of ours shows where it is. */
function explain(error: unknown): { text: string; code: number } {
  const code = codeOf(error);
  if (code?.startsWith('ERR_PARSE_ARGS') && error instanceof Error) {
    return { text: `${error.message} See --help.`, code: 2 };
  }
  if (error instanceof Problem) return { text: error.detail, code: 1 };
  if (error instanceof Error && (error instanceof Halt || error.constructor === Error)) {
    return { text: error.message + causeOf(error), code: 1 };
  }
  if (error instanceof Error && 'severity' in error) {
    // PostgreSQL's own words may quote values of rows.
    return { text: `The database refused a statement (code ${code}).`, code: 1 };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : 'an unknown failure';
  return { text: stack, code: 1 };
}

/** Only when asked for: a cause speaks of files and sockets, not of what to do. */
function causeOf(error: Error): string {
  if (!/^(debug|trace)$/.test(process.env['MEDCONNECT_LOG_LEVEL'] ?? '')) return '';
  return error.cause instanceof Error ? `\n${error.cause.stack}` : '';
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { text, code } = explain(error);
  process.stderr.write(`medconnect: ${text}\n`);
  process.exitCode = code;
}
