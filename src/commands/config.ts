import { parseArgs } from 'node:util';
import { settings } from '../config.ts';
import type { Setting } from '../setting.ts';

export const usage = `medconnect config [--markdown]

Lists every setting with its default and meaning. Settings are environment variables; an empty one
counts as unset. A wrong or misspelt one keeps the server from starting, and every mistake is told.

Options
  --markdown   the same as the page docs/api/configuration.md

Examples
  medconnect config
  medconnect config --markdown > docs/api/configuration.md
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { markdown: { type: 'boolean' } } });
  process.stdout.write(values.markdown === true ? settingsPage() : settingsList());
  return 0;
}

const all: readonly Setting<unknown>[] = Object.values(settings);

export function settingsPage(): string {
  const rows = all.map(
    ({ name, fallback, meaning }) =>
      `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${meaning} |`,
  );
  return `<!-- Made by \`npm run medconnect -- config --markdown\`; nobody edits it. -->
# Settings

Environment variables, read once at the start. An empty one counts as unset. A wrong or misspelt one keeps the server from
starting, and every mistake is told at once.

| Name | Default | Meaning |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function settingsList(): string {
  return all
    .map(({ name, fallback, meaning }) => {
      const shown = fallback === '' ? '' : ` (${fallback})`;
      return `${name}${shown}\n    ${meaning}\n`;
    })
    .join('');
}
