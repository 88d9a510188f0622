import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import type { ServiceId, StackName } from '#shared/model/service-ids.ts';

/** A question that is open over the view. */
export type ServiceQuestion =
  /** Null for the one that served before. */
  | { readonly kind: 'roll-back'; readonly serviceId: ServiceId; readonly toRevision: number | null }
  | { readonly kind: 'abort'; readonly serviceId: ServiceId }
  | { readonly kind: 'evidence'; readonly serviceId: ServiceId; readonly revision: number }
  | { readonly kind: 'scale'; readonly serviceId: ServiceId }
  | { readonly kind: 'remove'; readonly serviceId: ServiceId };

/** What the person has chosen to see of the services. */
interface ServicesViewState {
  readonly shape: 'graph' | 'table';
  /** The stack that is shown; one that is gone gives way to the main one. */
  readonly stack: StackName | null;
  readonly selectedId: ServiceId | null;
  readonly panelOpen: boolean;
  readonly query: string;
  /** The field of the text filter is open. */
  readonly searching: boolean;
  readonly question: ServiceQuestion | null;
  set(change: Partial<Omit<ServicesViewState, 'set'>>): void;
}

export const useServicesView = create<ServicesViewState>()(
  persist(
    (set) => ({
      shape: 'graph',
      stack: null,
      selectedId: null,
      panelOpen: false,
      query: '',
      searching: false,
      question: null,
      set: (change) => set(change),
    }),
    {
      name: 'gantry.services',
      storage: createJSONStorage(() => localStorage),
      partialize: ({ shape }) => ({ shape }),
    },
  ),
);

/** Changes what is shown, from outside a component. */
export function setServicesView(change: Partial<Omit<ServicesViewState, 'set'>>): void {
  useServicesView.getState().set(change);
}

/** Selects a service and opens its panel. */
export function openService(serviceId: ServiceId): void {
  setServicesView({ selectedId: serviceId, panelOpen: true });
}

/** Asks something about a service; null closes the question. */
export function askServices(question: ServiceQuestion | null): void {
  setServicesView({ question });
}
