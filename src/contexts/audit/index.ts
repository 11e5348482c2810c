export { type Audit, openAudit } from './audit.ts';
export { type CheckpointSigner, openCheckpointSigner } from './checkpoint-signer.ts';
export type { AuditEntry, AuditNote, Unproven } from './entry.ts';
export { type ExportVerdict, verifyExport } from './verify/verify-export.ts';
