import type { Identity } from '#identity';
import type { Egress } from '../../../platform/http/egress.ts';
import type { Store } from '../store.ts';

/** What telling subscribers stands on, beside the store. */
export type Serving = Store & {
  readonly egress: Egress;
  /** Who a subscriber is now. */
  readonly standing: Identity['standing'];
  /** Told how each notification went, for a metric. */
  readonly notified: (outcome: 'delivered' | 'failed') => void;
};
