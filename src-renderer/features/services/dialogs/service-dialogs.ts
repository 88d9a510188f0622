import { create } from 'zustand';
import type { ServiceId } from '#shared/model/service-ids.ts';

/** The pages of the resources dialog. */
export type ResourceTab = 'secrets' | 'configs' | 'volumes' | 'images' | 'hosts';

/** A dialog of the services view, with what it is about. */
export type ServiceDialog =
  /** Null for a new service. */
  | { readonly kind: 'deploy'; readonly serviceId: string | null }
  | { readonly kind: 'compose'; readonly tab?: 'export' }
  /** Null for all replicas together. */
  | { readonly kind: 'logs'; readonly serviceId: string; readonly containerId: string | null }
  | { readonly kind: 'terminal'; readonly serviceId: string; readonly containerId: string }
  | { readonly kind: 'stats'; readonly serviceId: string }
  | { readonly kind: 'load'; readonly serviceId: string }
  | { readonly kind: 'resources'; readonly tab: ResourceTab };

interface ServiceDialogState {
  readonly dialog: ServiceDialog | null;
}

const useServiceDialogState = create<ServiceDialogState>()(() => ({ dialog: null }));

/** The dialog that is open, or null. */
export function useServiceDialog(): ServiceDialog | null {
  return useServiceDialogState((state) => state.dialog);
}

/** Opens a dialog in place of the one that is open. */
export function openServiceDialog(dialog: ServiceDialog): void {
  useServiceDialogState.setState({ dialog });
}

/** Closes the dialog that is open. */
export function closeServiceDialog(): void {
  useServiceDialogState.setState({ dialog: null });
}

/** The id of a service as the contract names it: what a dialog was opened with came from there. */
export const asServiceId = (serviceId: string): ServiceId => serviceId as ServiceId;
