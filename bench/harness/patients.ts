import { asTransaction, population, type Resource } from '../../src/standards/population/index.ts';

/** Patients of `bytes` each as JSON, as far as a narrative can fill them up. */
export function patientsOf(count: number, bytes: number): Resource[] {
  const all: Resource[] = [];
  for (const { resources } of population({ seed: 7, patients: count })) {
    const [patient] = resources;
    if (patient !== undefined) all.push(filled(patient, bytes));
  }
  return all;
}

function filled(patient: Resource, bytes: number): Resource {
  // What a Patient of another vendor often lacks makes room; names, addresses, numbers stay.
  const { extension: _, contact: _contact, maritalStatus: _status, ...kept } = patient;
  const open = '<div xmlns="http://www.w3.org/1999/xhtml">';
  const narrate = (words: string): Resource => ({
    ...kept,
    text: { status: 'generated', div: `${open}${words}</div>` },
  });
  const room = bytes - Buffer.byteLength(JSON.stringify(narrate('')));
  const words = JSON.stringify(patient).replaceAll(/[^\w .-]+/g, ' ');
  return narrate(words.padEnd(Math.max(room, 1), ' .').slice(0, Math.max(room, 1)));
}

/** Transaction Bundles of at most `size` resources, in order. */
export function bundlesOf(resources: readonly Resource[], size: number): string[] {
  const all: string[] = [];
  for (let at = 0; at < resources.length; at += size) {
    all.push(JSON.stringify(asTransaction(resources.slice(at, at + size))));
  }
  return all;
}
