export type JsonObject = Record<string, unknown>;

/**
 * Whether this is an object in FHIR's sense. A number whose text was kept is one in memory only.
 */
export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)
  );
}
