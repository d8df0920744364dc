/** Two people compare their keys: in a conversation that both are in, or before one is let in. */
import type { KeyComparison } from '../crypto/vaultApi';

export type Comparing = {
  /** Where they compare: a conversation's id, or '' outside of any. */
  readonly about: string;
  compare(): Promise<KeyComparison>;
  /** Rejects when the other screen's code says something else of the two keys. */
  checkScanned(payload: string): Promise<void>;
  /** This key is that person's: compared, or taken after a stop. */
  accept(isVerified: boolean): Promise<void>;
};
