import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { Fhir } from 'fhir';
import { layerOver, r4Layer } from '../src/contexts/records/definition/definition-layer.ts';
import { openPackages } from '../src/contexts/records/definition/package-set.ts';
import { openTerminology } from '../src/standards/fhir/terminology/terminology.ts';
import {
  baseDefinition,
  baseDefinitions,
  baseUrls,
} from '../src/standards/fhir/validate/r4-definition.ts';
import { openValidator, type Validator } from '../src/standards/fhir/validate/validate.ts';
import type { Bench, Claim, Figure } from './claim.ts';
import {
  bundleOf,
  explanationOfBenefit,
  observation,
  patient,
  type Validated,
} from './harness/validated.ts';

/**
 * Full validation, invariants and bindings included, of one resource after another on one thread;
 * the limits are the faster of two other validators in the same run. Then what the first validation
 * of a process takes, what all of R4 holds, and a Bundle of ten thousand entries.
 */
export const validate: Claim = {
  name: 'validate',
  summary:
    'validations a second beside two other validators, the first one, memory, a large Bundle',
  async run(bench) {
    const validator = ours();
    const others = [medplum(), fhir()];
    const figures: Figure[] = [];
    for (const [name, resource] of [
      ['Patient of 1.3 KB', patient],
      ['Observation of 0.9 KB', observation],
      ['ExplanationOfBenefit of 37 KB', explanationOfBenefit()],
    ] as const) {
      requireSound(validator, resource);
      figures.push(rateFigure(bench, name, resource, { validator, others }));
    }
    const compiled = await compileFigure(bench);
    const process = await processFigures(bench);
    return [...figures, ...process, bundleFigure(bench, validator), ...compiled];
  },
};

function ours(): Validator {
  const codeSets = openTerminology({ definitions: baseDefinitions });
  return openValidator({ definitions: baseDefinitions, codeSets });
}

type Check = (resource: Validated) => unknown;

function medplum(): Check {
  const all = [...baseUrls()].flatMap((url) => baseDefinition(url) ?? []);
  const definitions = all.filter(({ derivation }) => derivation !== 'constraint');
  // Its own type of a StructureDefinition knows more elements than ours carries.
  indexStructureDefinitionBundle(definitions as never);
  return (resource) => validateResource(resource as never);
}

function fhir(): Check {
  const validator = new Fhir();
  return (resource) => validator.validate(resource);
}

function requireSound(validator: Validator, resource: Validated): void {
  const [error] = validator.validate(resource).filter(({ severity }) => severity === 'error');
  if (error !== undefined) throw new Error(`${resource.resourceType}: ${error.text}`);
}

function rateFigure(
  { runs, seconds, say }: Bench,
  name: string,
  resource: Validated,
  { validator, others }: { validator: Validator; others: readonly Check[] },
): Figure {
  const rates: number[] = [];
  const limits: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const theirs = others.map((check) => rate(() => check(resource), seconds / 2));
    const own = rate(() => validator.validate(resource), seconds / 2);
    say(`${name}, run ${run}: ${Math.round(own)}/s beside ${theirs.map(Math.round).join(', ')}`);
    rates.push(own);
    limits.push(Math.max(...theirs));
  }
  return {
    ...{ name: `validate a ${name}`, unit: '/s', runs: rates, limits },
    against: 'the faster of @medplum/core and fhir',
    goal: { of: 'ratio', bound: 'least', target: 20 },
  };
}

/** Of CPU time, so that a busy neighbour does not count. */
function rate(work: () => unknown, seconds: number): number {
  for (let warm = performance.now() + 300; performance.now() < warm; ) work();
  const began = process.cpuUsage();
  let done = 0;
  for (const end = performance.now() + seconds * 1000; performance.now() < end; done += 1) work();
  const { user, system } = process.cpuUsage(began);
  return (done * 1e6) / (user + system);
}

const execute = promisify(execFile);

async function processFigures({ runs, say }: Bench): Promise<Figure[]> {
  const first: number[] = [];
  const memory: number[] = [];
  const script = fileURLToPath(import.meta.resolve('./harness/validate-all.ts'));
  for (let run = 1; run <= runs; run += 1) {
    const { stdout } = await execute(process.execPath, ['--expose-gc', script]);
    const { firstMs, megabytes }: { firstMs: number; megabytes: number } = JSON.parse(stdout);
    say(
      `a new process, run ${run}: first ${firstMs.toFixed(1)} ms, all ${megabytes.toFixed(0)} MB`,
    );
    first.push(firstMs);
    memory.push(megabytes);
  }
  return [
    {
      ...{ name: 'validate for the first time', unit: 'ms', runs: first },
      goal: { of: 'value', bound: 'most', target: 10 },
    },
    {
      ...{ name: 'validate all R4 types, memory', unit: 'MB', runs: memory },
      goal: { of: 'value', bound: 'most', target: 60 },
    },
  ];
}

const ENTRIES = 10_000;

function bundleFigure({ runs, say }: Bench, validator: Validator): Figure {
  const bundle = bundleOf(ENTRIES);
  const taken = Array.from({ length: runs }, (_, run) => {
    const began = process.cpuUsage();
    const errors = validator.validate(bundle).filter(({ severity }) => severity === 'error');
    const { user, system } = process.cpuUsage(began);
    say(`Bundle, run ${run + 1}: ${errors.length} errors`);
    return (user + system) / 1e6;
  });
  return {
    ...{ name: `validate a Bundle of ${ENTRIES} entries`, unit: 's', runs: taken },
    goal: { of: 'value', bound: 'most', target: 2 },
  };
}

/** Of each profile of a guide: what its first validation takes beyond its second. */
async function compileFigure({ runs, say }: Bench): Promise<Figure[]> {
  const { path, there } = await usCoreArchive();
  if (!there) {
    say('US Core is not beside the project: left out is what compiling a profile takes');
    return [];
  }
  const { index } = await openPackages(path);
  const definitions = layerOver(r4Layer, index);
  const profiles = [...index.newest('StructureDefinition')].map((file) => file.read());
  const slowest: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const codeSets = openTerminology({ definitions });
    const validator = openValidator({ definitions, codeSets });
    const each = profiles.map(({ type, url }) => {
      const resource = { resourceType: type, meta: { profile: [url] } };
      return cpuMs(() => validator.validate(resource)) - cpuMs(() => validator.validate(resource));
    });
    const mean = each.reduce((sum, one) => sum + one, 0) / each.length;
    say(`${each.length} profiles, run ${run}: ${mean.toFixed(1)} ms in the mean`);
    slowest.push(Math.max(...each));
  }
  return [
    {
      ...{ name: 'compile the slowest profile of US Core 6.1.0', unit: 'ms', runs: slowest },
      goal: { of: 'value', bound: 'most', target: 20 },
    },
  ];
}

async function usCoreArchive() {
  const name = 'hl7.fhir.us.core-6.1.0-definitions.tar.xz';
  const path = join(import.meta.dirname, '../../shared/data/us-core', name);
  const found = await stat(path).catch(() => undefined);
  return { path, there: found !== undefined };
}

function cpuMs(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}
