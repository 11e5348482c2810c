import type { Resource } from './resource.ts';

export interface TransactionBundle {
  resourceType: 'Bundle';
  type: 'transaction';
  entry: { fullUrl: string; resource: Resource; request: { method: 'PUT'; url: string } }[];
}

/**
 * A transaction that stores these resources under their own ids (FHIR R4 http.html#transaction).
 * PUT rather than POST: the ids are UUIDs that follow from seed and index, so loading twice writes
 * the same records again instead of doubling the patient. References are `Type/id`: they need no
 * rewriting, only that the server accepts ids of the client on update.
 */
export function asTransaction(resources: readonly Resource[]): TransactionBundle {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      fullUrl: `urn:uuid:${resource.id}`,
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  };
}
