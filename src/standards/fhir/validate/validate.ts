import { definitionIssues } from '../conformance/definition-issues.ts';
import type { DefinitionSource } from '../definition-source.ts';
import type { Issue } from '../issue.ts';
import { isJsonObject } from '../json-object.ts';
import { questionnaireIssues } from '../questionnaire/questionnaire-issues.ts';
import type { CodeSets } from '../terminology/code-set.ts';
import { Bindings } from './binding.ts';
import { Profiles } from './profile/profiles.ts';
import { rootRule, walk } from './r4-type.ts';
import { resource as checkResource } from './resource-check.ts';

/** Checks resources against R4 and profiles; made once for the definitions it knows. */
export type Validator = {
  /**
   * All that is wrong with a resource as `parseResourceJson` gives it, in the order it was met.
   * Empty: it is valid, and nothing is to be said of it.
   *
   * @param options.profiles canonical urls it must conform to, beside those it claims itself
   * @param options.metaProfiles false: what it claims in meta.profile is not looked at
   * @param options.now for constraints that ask for the time; without it they are not checked,
   * which is told
   */
  validate(resource: unknown, options?: ValidateOptions): Issue[];
};

export type ValidateOptions = {
  profiles?: readonly string[];
  metaProfiles?: boolean;
  now?: Date;
};

export function openValidator(parts: {
  definitions: DefinitionSource;
  codeSets: CodeSets;
}): Validator {
  const bindings = new Bindings(parts.codeSets);
  const profiles = new Profiles(parts.definitions);
  return {
    validate(resource, { profiles: asked = [], metaProfiles = true, now } = {}) {
      profiles.restart(asked);
      walk.begin({ bindings, profiles, metaProfiles, now });
      try {
        const type = isJsonObject(resource) ? resource['resourceType'] : undefined;
        walk.enter(rootRule(typeof type === 'string' ? type : ''), 0);
        checkResource(walk, resource, 0, 'top');
        const { issues } = walk;
        if (!isJsonObject(resource)) return issues;
        issues.push(...questionnaireIssues(resource, parts));
        // A definition is worked with only once its own structure is sound.
        if (issues.every(({ severity }) => severity !== 'error')) {
          issues.push(...definitionIssues(resource, parts.definitions));
        }
        return issues;
      } finally {
        walk.end();
        profiles.restart([]);
      }
    },
  };
}
