import { useMemo } from 'react';
import type { ImageProgressView, ServiceHostView, ServiceView, VolumeView } from '#shared/contract/service-views.ts';
import { mainStack, type StackName } from '#shared/model/service-ids.ts';
import { useProjectId } from '../../app/current-project.ts';
import type { LiveMap, StreamState } from '../../client/live-map.ts';
import { useStream, useStreamList, useStreamState } from '../../client/use-stream.ts';
import { byUrgency } from './service-status.ts';
import { serviceOrder } from './service-order.ts';
import { useServicesView } from './services-view-state.ts';

const nothing = {};

/** The services of one stack of the project, with what they stand on. */
export interface Services {
  readonly state: StreamState;
  /** All of the project, previews too. */
  readonly all: readonly ServiceView[];
  /** Of the stack that is shown, in their places. */
  readonly shown: readonly ServiceView[];
  /** Of those, the ones that pass the text filter. */
  readonly passing: readonly ServiceView[];
  readonly stacks: readonly StackName[];
  readonly stack: StackName;
  /** The one that is selected, or would be first; undefined when there is none. */
  readonly selected: ServiceView | undefined;
  /** The one whose panel is open. Never another one in its place: what is done in the panel is done to it. */
  readonly opened: ServiceView | undefined;
  readonly hosts: readonly ServiceHostView[];
  readonly hostsKnown: boolean;
  readonly volumes: readonly VolumeView[];
  readonly progress: readonly ImageProgressView[];
}

/** The services of the project that is shown. */
export function useServiceMap(): LiveMap<ServiceView> {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  return useStream('service.watch', input);
}

/** Follows the services of the project that is shown, and what they stand on. */
export function useServices(): Services {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const map = useServiceMap();
  const hostMap = useStream('engine.watch', nothing);
  const state = useStreamState(map);
  const hostsKnown = useStreamState(hostMap).state === 'ready';
  const all = useStreamList(map);
  const hosts = useStreamList(hostMap);
  const volumes = useStreamList(useStream('volume.watch', input));
  const progress = useStreamList(useStream('service.watchProgress', input));
  const chosenStack = useServicesView((view) => view.stack);
  const selectedId = useServicesView((view) => view.selectedId);
  const panelOpen = useServicesView((view) => view.panelOpen);
  const query = useServicesView((view) => view.query);
  return useMemo(() => {
    const stacks = stacksOf(all);
    const stack = stacks.find((each) => each === chosenStack) ?? mainStack;
    const shown = serviceOrder(all.filter((service) => service.stack === stack));
    const words = query.trim().toLowerCase();
    const passing = shown.filter((service) => matches(service, words));
    const selected = passing.find((service) => service.id === selectedId) ?? byUrgency(passing)[0];
    const opened = panelOpen && selected?.id === selectedId ? selected : undefined;
    const volumesHere = volumes.filter((volume) => volume.stack === stack);
    return {
      ...{ state, all, shown, passing, stacks, stack, selected, opened },
      ...{ hosts, hostsKnown, volumes: volumesHere, progress },
    };
  }, [state, all, hosts, hostsKnown, volumes, progress, chosenStack, selectedId, panelOpen, query]);
}

/** The main stack first, then previews by number. */
function stacksOf(services: readonly ServiceView[]): StackName[] {
  const others = new Set(services.map((service) => service.stack).filter((stack) => stack !== mainStack));
  return [mainStack, ...[...others].toSorted((a, b) => laneOf(a) - laneOf(b))];
}

function laneOf(stack: StackName): number {
  return Number(stack.replace(/^lane-/, ''));
}

function matches({ name, image, status }: ServiceView, words: string): boolean {
  return words === '' || `${name} ${image.reference} ${status}`.toLowerCase().includes(words);
}
