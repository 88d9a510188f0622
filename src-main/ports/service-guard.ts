/** What is done about services before their revisions are taken back. */
import type { ServiceId } from '#shared/model/service-ids.ts';

export interface ServiceGuard {
  /** Backs up the volumes that these services write to; refuses with a `GantryError` when it cannot. */
  backUp(serviceIds: readonly ServiceId[], why: string): Promise<void>;
}
