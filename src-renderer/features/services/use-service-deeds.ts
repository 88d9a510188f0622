import { useMemo } from 'react';
import type { RolloutView, ServiceView } from '#shared/contract/service-views.ts';
import type { RolloutId, ServiceId } from '#shared/model/service-ids.ts';
import { useCall } from '../../app/use-call.ts';
import { showToast } from '../../ui/overlay/toast-queue.ts';

/** What can be asked for services. What comes of it arrives with the next view of them. */
export interface ServiceDeeds {
  promote(rolloutId: RolloutId): void;
  pause(rolloutId: RolloutId): void;
  resume(rolloutId: RolloutId): void;
  abort(rolloutId: RolloutId): void;
  /** Ends the rollout where it would go back to that revision, else begins one. Answers whether it was taken. */
  rollBack(service: ServiceView, toRevision: number): Promise<boolean>;
  restart(service: Pick<ServiceView, 'id'> & { readonly name: string }): void;
  scale(service: ServiceView, replicas: number): Promise<boolean>;
  remove(serviceId: ServiceId): Promise<boolean>;
}

/** Asks the host; a refusal is shown as a toast. */
export function useServiceDeeds(): ServiceDeeds {
  const call = useCall();
  return useMemo(
    () => ({
      promote: (rolloutId) => void call('rollout.promote', { rolloutId }),
      pause: (rolloutId) => void call('rollout.pause', { rolloutId }),
      resume: (rolloutId) => void call('rollout.resume', { rolloutId }),
      abort: (rolloutId) => void call('rollout.abort', { rolloutId }),
      async rollBack(service, toRevision) {
        const { rollout } = service;
        if (goesBackTo(rollout, toRevision) && rollout !== null) {
          return (await call('rollout.abort', { rolloutId: rollout.rollout.id })) !== null;
        }
        return (await call('service.rollBack', { serviceId: service.id, toRevision })) !== null;
      },
      restart: (service) => {
        const restart = async (): Promise<void> => {
          const taken = await call('service.restart', { serviceId: service.id });
          if (taken !== null)
            showToast({ shape: 'running', text: `The replicas of ${service.name} are being replaced.` });
        };
        void restart();
      },
      scale: async (service, replicas) => (await call('service.scale', { serviceId: service.id, replicas })) !== null,
      remove: async (serviceId) => (await call('service.remove', { serviceId })) !== null,
    }),
    [call],
  );
}

/** Whether ending this rollout is the way to that revision. */
export function goesBackTo(rollout: RolloutView | null, toRevision: number): boolean {
  return rollout?.can.abort === true && rollout.rollout.fromRevision === toRevision;
}
