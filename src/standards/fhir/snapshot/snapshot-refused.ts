/** Why a profile has no snapshot. */
export type SnapshotRefusal =
  | 'nothing-defined'
  | 'base-unknown'
  | 'base-circle'
  | 'element-unknown'
  | 'type-unknown'
  | 'too-costly';

/** The message names the profile and the element, which are definitions and no patient's data. */
export class SnapshotRefused extends Error {
  override name = 'SnapshotRefused';
  readonly code: SnapshotRefusal;

  constructor(code: SnapshotRefusal, message: string) {
    super(message);
    this.code = code;
  }
}
