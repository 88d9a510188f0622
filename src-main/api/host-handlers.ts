import type { Event } from '#shared/base/emitter.ts';
import type { FolderListing, Machine } from '#shared/contract/contract.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import type { HostView } from '#shared/contract/views.ts';
import { feedAll } from './keyed-source.ts';

/** What the host's own calls need. */
export interface HostServices {
  readonly machine: (again: boolean) => Promise<Machine>;
  readonly listFolder: (path: string | null) => Promise<FolderListing>;
  readonly vitals: { readonly onDidChange: Event<void>; view(): HostView };
  readonly shutdownWorker: () => Promise<{ runsEnded: number }>;
}

type HostHandlers = Pick<ContractHandlers, Extract<keyof ContractHandlers, `host.${string}`>>;

/** `host.*` */
export function hostHandlers(host: HostServices): HostHandlers {
  return {
    'host.machine': ({ again }) => host.machine(again),
    'host.listFolder': ({ path }) => host.listFolder(path),
    'host.shutdownWorker': () => host.shutdownWorker(),
    'host.watch': (_input, sink) =>
      feedAll(
        sink,
        host.vitals.onDidChange,
        () => true,
        () => new Map([['host', host.vitals.view()]]),
      ),
  };
}
