import { type Logger, pino } from 'pino';

export type Log = Logger;

/**
 * Structured lines on stderr; stdout is for what a command answers. Values of records never enter.
 */
export function openLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: safeError },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}

/**
 * PostgreSQL's `detail` and `where` quote row values: only code, message class and stack are kept.
 */
function safeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  const database = 'severity' in error;
  return {
    name: error.name,
    code,
    message: database ? undefined : error.message,
    stack: error.stack
      ?.split('\n')
      .slice(database ? 1 : 0, 12)
      .join('\n'),
    cause: error.cause === undefined ? undefined : safeError(error.cause),
  };
}
