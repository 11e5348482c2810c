import type { DefinitionSource } from '../definition-source.ts';
import type { Issue, IssueType } from '../issue.ts';
import type { JsonObject } from '../json-object.ts';
import type { ElementDefinition, StructureDefinition } from '../snapshot/element-definition.ts';
import { withSnapshot } from '../snapshot/snapshot.ts';
import { SnapshotRefused } from '../snapshot/snapshot-refused.ts';

/**
 * What of a profile contradicts its base (R4 profiling.html#limitations): less required, more
 * allowed, an extension's slice told apart in another way. Of one no snapshot can be made of,
 * nothing: that is told elsewhere (validate/definitional.ts).
 */
export function profileIssues(sd: JsonObject, definitions: DefinitionSource): Issue[] {
  const { snapshot: _, ...said } = sd;
  if (sd['derivation'] !== 'constraint' || sd['differential'] === undefined) return [];
  const base = definitions.find('StructureDefinition', String(sd['baseDefinition'] ?? ''));
  if (base === undefined) return [];
  try {
    const made = withSnapshot(said, definitions);
    return contradictions(made, base as StructureDefinition);
  } catch (error) {
    if (!(error instanceof SnapshotRefused)) throw error;
    return [];
  }
}

const at = { expression: 'StructureDefinition' } as const;

function fault(code: IssueType, text: string): Issue {
  return { ...at, severity: 'error', code, text };
}

function contradictions(made: StructureDefinition, base: StructureDefinition): Issue[] {
  const before = new Map(base.snapshot?.element.map((one) => [one.id ?? one.path, one]));
  return (made.snapshot?.element ?? []).flatMap((element) => {
    const old = before.get(element.id ?? element.path);
    return old === undefined ? resliced(element, made) : broken(element, old);
  });
}

function broken(element: ElementDefinition, old: ElementDefinition): Issue[] {
  const { path, min = 0, max = '*' } = element;
  const issues: Issue[] = [];
  if (min < (old.min ?? 0))
    issues.push(fault('value', `${path}: less is required than of the base.`));
  if (old.max !== undefined && old.max !== '*' && (max === '*' || Number(max) > Number(old.max))) {
    issues.push(fault('value', `${path}: more is allowed than by the base.`));
  }
  return issues;
}

/** Within one slicing of extensions, told apart by url, a slice is not told apart anew. */
function resliced(element: ElementDefinition, made: StructureDefinition): Issue[] {
  const { path, sliceName, slicing, id = '' } = element;
  if (sliceName === undefined || slicing === undefined || path.endsWith('[x]')) return [];
  const whole = id.slice(0, id.lastIndexOf(':'));
  const outer = made.snapshot?.element.find((one) => one.id === whole)?.slicing;
  const same =
    JSON.stringify(outer?.['discriminator']) === JSON.stringify(slicing['discriminator']);
  const reslices = (one: ElementDefinition) => one.sliceName?.startsWith(`${sliceName}/`) === true;
  if (outer === undefined || same || !element.type?.some(({ code }) => code === 'Extension'))
    return [];
  return made.snapshot?.element.some(reslices) === true
    ? [
        fault(
          'business-rule',
          `${path}: the slice ${sliceName} is told apart in another way again.`,
        ),
      ]
    : [];
}
