import type { Logged } from './logged.ts';

/** Names of our own: whoever compares logs of several systems tells them apart. */
const account = 'urn:medconnect:account';
const client = 'urn:medconnect:client';
const role = 'urn:medconnect:role';

/** Who it was, by the UUID of the account or client; nobody proven for a failed login. */
export function whoOf({ actor }: Logged) {
  const user = actor?.user ?? '';
  if (user === '') return { display: 'not proven' };
  const system = actor?.kind === 'client' ? client : account;
  return {
    type: actor?.kind === 'client' ? 'Device' : 'Practitioner',
    identifier: { system, value: user },
  };
}

export function rolesOf({ actor }: Logged): object[] {
  const roles = actor === undefined || actor.roles === '' ? [] : actor.roles.split(' ');
  return roles.map((code) => ({ coding: [{ system: role, code }] }));
}

export function purposeOf({ actor }: Logged): object[] {
  const code = actor?.purpose ?? '';
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
  return code === '' ? [] : [{ coding: [{ system, code }] }];
}

/** An array under its name, left out when empty: FHIR has no empty arrays. */
export function listed<Name extends string>(name: Name, items: readonly object[]) {
  return items.length === 0 ? {} : { [name]: items };
}
