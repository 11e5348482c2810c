/** Something in a log that was not so when it was written. */
export type Defect = {
  /** Sequence number of the first event concerned. */
  readonly seq: number;
  readonly eventId?: string;
  readonly what: DefectKind;
  /** One sentence, no PHI. */
  readonly says: string;
};

export type DefectKind =
  | 'edited'
  | 'deleted'
  | 'inserted'
  | 'reordered'
  | 'truncated'
  | 'rewritten'
  | 'checkpoint-forged'
  | 'unreadable';
