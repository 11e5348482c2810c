import { parseArgs } from 'node:util';
import { loadTerminology } from '#terminology';
import type { Environment } from '../config.ts';
import { openLog } from '../platform/log.ts';
import { withStore } from '../store.ts';
import { configOf } from './configuration.ts';
import { progress } from './terminal.ts';

export const usage = `medconnect load-terminology <folder or file> [options]

Loads a large code system as its publisher gives it out, whether the server runs or not. What it is
is told by the names of its files:

  SNOMED CT   RF2, the Snapshot tables: sct2_Concept_Snapshot_….txt, sct2_Description_Snapshot-….txt,
              sct2_Relationship_Snapshot_….txt, der2_cRefset_LanguageSnapshot-….txt
  LOINC       Loinc.csv, and if there ComponentHierarchyBySystem.csv
  RxNorm      RXNCONSO.RRF, and if there RXNREL.RRF, RXNSAT.RRF, RXNSTY.RRF

Each has a license of its own: you bring the release, and the right to use it. Unpack it first.
A new edition takes the place of the old one at once and whole; a running server answers with it
within seconds. An error names file and line, and nothing has changed then.

Options
  --edition TEXT   what its version is, where the files do not tell (RxNorm: 10072024)

Examples
  medconnect load-terminology SnomedCT_InternationalRF2_PRODUCTION_20240101T120000Z/
  medconnect load-terminology Loinc_2.77/
  medconnect load-terminology RxNorm_full_10072024/rrf --edition 10072024
`;

export async function run(args: string[], env: Environment): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { edition: { type: 'string' } },
    allowPositionals: true,
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    process.stderr.write(
      'medconnect: name one folder or file. See medconnect load-terminology --help.\n',
    );
    return 2;
  }
  const config = configOf(env);
  const log = openLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  const say = progress(log);
  const loaded = await withStore(config, log, say, ({ database }) =>
    loadTerminology({ database, path, edition: values.edition, say }),
  );
  for (const { system, version, concepts, bytes } of loaded) {
    const megabytes = Math.max(1, Math.round(bytes / 1_000_000));
    process.stdout.write(
      `${system} ${version}: ${concepts} concepts, ${megabytes} MB in memory when asked for.\n`,
    );
  }
  return 0;
}
