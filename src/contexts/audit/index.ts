export { type Audit, openAudit } from './audit.ts';
export { type CheckpointSigner, openCheckpointSigner } from './checkpoint-signer.ts';
export type { AuditEntry, AuditNote, Unproven } from './entry.ts';
export { auditEvent } from './fhir/audit-event.ts';
export { type Logged, loggedOf } from './fhir/logged.ts';
export { provenance } from './fhir/provenance.ts';
export type { LogFilter } from './search.ts';
export { type ExportVerdict, verifyExport } from './verify/verify-export.ts';
