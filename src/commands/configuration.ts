import { type Config, type Environment, readConfig } from '../config.ts';
import { Halt } from '../platform/halt.ts';

/** The settings, or every mistake in them as one list. */
export function configOf(env: Environment): Config {
  const result = readConfig(env);
  if ('config' in result) return result.config;
  const lines = result.mistakes.map((mistake) => `  ${mistake}`);
  const title = lines.length === 1 ? 'A setting is wrong:' : `${lines.length} settings are wrong:`;
  throw new Halt([title, ...lines, '`medconnect config` lists every setting.'].join('\n'));
}
