import { refuse } from '../../../platform/problem.ts';
import { resourceTypes } from '../../../standards/fhir/definitions.ts';
import { isResourceId } from '../../../standards/fhir/reference.ts';
import { requireStructure } from '../body.ts';
import { type BundleResource, type Entry, entryFrom, MOST_ENTRIES } from '../bundle/entry.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import type { Source, Unit } from './batch.ts';
import type { Claim } from './turns.ts';

/** What is stored whole or not at all, and told by one line when refused. */
export type Piece = {
  readonly source: Source;
  readonly ordinal: number;
  /** What it is, for the line: `Patient`, `Bundle of 208`. */
  readonly label: string;
  /** Tells its text from every other. */
  readonly name: string;
  readonly entries: readonly Entry[];
};

/** A resource that stands for itself is stored under its own id, so that others find it. */
export function pieceOf(unit: Unit): Piece {
  const entry = entryOf(unit.resource as Resource, undefined);
  return { ...placeOf(unit), label: labelOf(unit.resource), entries: [entry] };
}

/**
 * What a Bundle asks for (FHIR R4 bundle.html#bundle-unique, type): a transaction as it stands; a
 * batch entry by entry; of a collection and a searchset the resources, all or nothing; a document
 * and a message are records themselves. Throws a Problem for any other, and for a faulty one.
 */
export function piecesOf(unit: Unit, baseUrl: string): Piece[] {
  const bundle = unit.resource as BundleResource;
  requireStructure(bundle, false);
  const place = placeOf(unit);
  const written = bundle.entry ?? [];
  const label = `Bundle of ${written.length}`;
  if (written.length > MOST_ENTRIES) {
    refuse(recordKinds.tooCostly, `A Bundle may have ${MOST_ENTRIES} entries; load several.`);
  }
  switch (bundle.type) {
    case 'transaction': {
      const entries = written.map((one, index) => entryFrom(one, index, baseUrl));
      return [{ ...place, label, entries }];
    }
    case 'batch':
      return written.map((one, index) => {
        const entry = entryFrom(one, index, baseUrl);
        return { ...place, label, name: `${place.name} ${index}`, entries: [entry] };
      });
    case 'collection':
    case 'searchset': {
      const entries = written.flatMap(({ resource, fullUrl }) =>
        resource === undefined || resource.resourceType === 'OperationOutcome'
          ? []
          : [entryOf(resource, fullUrl)],
      );
      return [{ ...place, label, entries: entries.map((one, index) => ({ ...one, index })) }];
    }
    case 'document':
    case 'message':
      return [pieceOf(unit)];
    default:
      return refuse(
        recordKinds.transaction,
        'A Bundle is loaded when its type is transaction, batch, collection, searchset, document or message.',
      );
  }
}

function placeOf({ source, ordinal, digest }: Unit) {
  return { source, ordinal, name: digest.toString('hex') };
}

function entryOf(resource: Resource, fullUrl: string | undefined): Entry {
  const { resourceType: type, id } = resource;
  const named = typeof id === 'string' && isResourceId(id);
  return {
    ...{ index: 0, method: named ? 'PUT' : 'POST', type, id: named ? id : undefined, fullUrl },
    ...{ versionId: undefined, query: undefined, ifMatch: undefined, ifNoneExist: undefined },
    resource,
  };
}

/** A type that FHIR does not have may be anything, a person's name too: it is not shown. */
export function labelOf(resource: Unit['resource']): string {
  const type = resource['resourceType'];
  return typeof type === 'string' && resourceTypes.has(type) ? type : 'unknown type';
}

export function claimOf(pieces: readonly Piece[], bytes: number): Claim {
  const names: string[] = [];
  let alone = false;
  for (const { entries } of pieces) {
    for (const { method, type, id, query } of entries) {
      if (method === 'POST') continue;
      if (id === undefined || query !== undefined) alone = true;
      else if (method !== 'GET') names.push(`${type}/${id}`);
    }
  }
  return { names, alone, bytes };
}
