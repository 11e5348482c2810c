import { existsSync, readFileSync } from 'node:fs';
import { canonicalOf, packed } from '../../src/contexts/records/definition/definition-file.ts';
import {
  type DefinitionLayer,
  layerOver,
  r4Layer,
} from '../../src/contexts/records/definition/definition-layer.ts';
import type { Issue } from '../../src/standards/fhir/issue.ts';
import { JsonRefused, parseResourceJson } from '../../src/standards/fhir/json.ts';
import type { JsonObject } from '../../src/standards/fhir/json-object.ts';
import { CanonicalIndex } from '../../src/standards/fhir/package/canonical-index.ts';
import { openTerminology } from '../../src/standards/fhir/terminology/terminology.ts';
import { openValidator, type Validator } from '../../src/standards/fhir/validate/validate.ts';
import { parseResourceXml } from '../../src/standards/fhir/xml/read-xml.ts';

const folder = new URL('../../../shared/data/fhir-validator-cases/', import.meta.url);

/** False, or what is said where the cases are not. */
export const casesAbsent = existsSync(folder) ? false : `left out: no ${folder.pathname}`;

type Verdict = 'valid' | 'invalid' | 'depends-on-terminology-or-external';
type Told = { severity: string; code: string; expression: string; text: string };
export type Expected = { verdict: Verdict; errors: number; issues: Told[] };
export type ValidatorCase = {
  name: string;
  file: string;
  tier: string;
  module: string | null;
  core: boolean;
  supporting: string[];
  expected: Expected;
  profile?: { source: string; expected: Expected };
};

export function validatorCases(): ValidatorCase[] {
  return (
    JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as {
      cases: ValidatorCase[];
    }
  ).cases;
}

/** One question of a case: is the file valid, alone or against a profile. */
export type Asked = { expected: Expected; issues: Issue[] };

/** The case as it is, then against its profile if it has one. */
export function runCase(one: ValidatorCase): Asked[] {
  const supporting = one.supporting.map((file) => resourceOf(file));
  const validator = validatorOf(supporting);
  const bytes = readFileSync(new URL(one.file, folder));
  const asked = [{ expected: one.expected, issues: issuesOf(validator, bytes, []) }];
  if (one.profile === undefined) return asked;
  const { source, expected } = one.profile;
  const { url } = resourceOf(`files/${source}`);
  return [...asked, { expected, issues: issuesOf(validator, bytes, [String(url)]) }];
}

function validatorOf(supporting: readonly JsonObject[]): Validator {
  const index = new CanonicalIndex<ReturnType<typeof packed>>();
  for (const resource of supporting) {
    const canonical = canonicalOf(resource);
    if (canonical !== undefined) index.add(canonical, packed(resource, canonical));
  }
  const definitions: DefinitionLayer = layerOver(r4Layer, index);
  return openValidator({ definitions, codeSets: openTerminology({ definitions }) });
}

function issuesOf(validator: Validator, bytes: Buffer, profiles: readonly string[]): Issue[] {
  try {
    return validator.validate(parseResourceJson(bytes), { profiles });
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    return [{ severity: 'error', code: 'structure', expression: '', text: error.message }];
  }
}

function resourceOf(file: string): JsonObject {
  const bytes = readFileSync(new URL(file, folder));
  return file.endsWith('.xml')
    ? parseResourceXml(bytes)
    : (JSON.parse(bytes.toString()) as JsonObject);
}

export const errorsOf = (issues: readonly Issue[]): Issue[] =>
  issues.filter(({ severity }) => severity === 'error');

/** undefined: the official answer hangs on a terminology server or on what was not collected. */
export function agrees({ expected, issues }: Asked): boolean | undefined {
  if (expected.verdict === 'depends-on-terminology-or-external') return undefined;
  return (errorsOf(issues).length === 0) === (expected.verdict === 'valid');
}
