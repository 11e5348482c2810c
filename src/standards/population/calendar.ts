/** Times are milliseconds since 1970 in UTC; FHIR's text is made at the edge. */
export const minute = 60_000;
const hour = 60 * minute;
export const day = 24 * hour;
export const year = 365.25 * day;

/** FHIR `instant` and `dateTime` with a time. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+00:00`;
}

/** FHIR `date`. */
export function date(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Years from one time to another, with their fraction. */
export function yearsBetween(from: number, to: number): number {
  return (to - from) / year;
}

/** A time within practice hours (13:00–20:55 UTC, the American east coast's day) on a weekday. */
export function officeHours(at: number, slot: number): number {
  const midnight = Math.floor(at / day) * day;
  const weekday = (Math.floor(at / day) + 4) % 7;
  const moved = weekday === 6 ? midnight - day : weekday === 0 ? midnight + day : midnight;
  return moved + 13 * hour + Math.floor(slot * 96) * 5 * minute;
}
