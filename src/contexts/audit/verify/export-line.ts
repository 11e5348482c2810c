import type { JsonObject } from '../../../standards/transparency/canonical-json.ts';

/**
 * An exported log: one JSON object per line, the header first, then every event in order of `seq`.
 * `event` is what the leaf hash was made of; `ids` are for the reader: offline they prove nothing,
 * since only the key of their subject can hold them against `event.commitment`.
 */
export type ExportHeader = {
  readonly format: 'medconnect-audit/1';
  readonly origin: string;
  readonly tenant: number;
  /** Events that follow. */
  readonly size: number;
  /** The newest signed checkpoint, for convenience: to prove anything, bring one of your own. */
  readonly checkpoint: string;
  /** The public key, likewise. */
  readonly key: string;
};

export type ExportLine = {
  readonly seq: number;
  /** null: the row is gone from the database. */
  readonly event: JsonObject | null;
  readonly leaf: string;
  readonly chain: string;
  readonly ids?: { readonly patient_id?: string; readonly resource_id?: string };
};

export const exportFormat = 'medconnect-audit/1';

export function isHeader(value: unknown): value is ExportHeader {
  if (typeof value !== 'object' || value === null) return false;
  if (!('format' in value && 'tenant' in value && 'origin' in value)) return false;
  return value.format === exportFormat && typeof value.tenant === 'number';
}

export function isLine(value: unknown): value is ExportLine {
  if (typeof value !== 'object' || value === null) return false;
  if (!('seq' in value && 'event' in value && 'leaf' in value && 'chain' in value)) return false;
  return (
    typeof value.seq === 'number' &&
    typeof value.event === 'object' &&
    !Array.isArray(value.event) &&
    typeof value.leaf === 'string' &&
    typeof value.chain === 'string'
  );
}
