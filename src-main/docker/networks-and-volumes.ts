/** Networks and volumes: what containers share. */
import { z } from 'zod';
import { fail, ok } from '#shared/base/result.ts';
import type { ContainerEngine, EngineResult, NetworkFacts, VolumeFacts } from '../ports/engine.ts';
import { instantMs, labelFilters, labelsSchema, orNull } from './engine-answer.ts';
import { accepting, type EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';

type NetworksAndVolumes = Pick<
  ContainerEngine,
  'ensureNetwork' | 'listNetworks' | 'removeNetwork' | 'ensureVolume' | 'listVolumes' | 'removeVolume'
>;

const networkSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Labels: labelsSchema,
  IPAM: orNull(
    z.object({ Config: orNull(z.array(z.object({ Subnet: z.string().optional(), Gateway: z.string().optional() }))) }),
  ),
});
const volumeSchema = z.object({
  Name: z.string(),
  Driver: z.string(),
  Labels: labelsSchema,
  Mountpoint: z.string().default(''),
  CreatedAt: z.string().default(''),
});
const volumesSchema = z.object({ Volumes: orNull(z.array(volumeSchema)) });

export function networksAndVolumes(calls: EngineCalls): NetworksAndVolumes {
  async function networksNamed(name: string): Promise<EngineResult<NetworkFacts[]>> {
    const found = await calls.read(
      // The engine takes names for parts of names.
      { path: '/networks', query: { filters: { name: [name] } }, doing: 'list networks' },
      z.array(networkSchema),
    );
    return found.ok ? ok(found.value.filter(({ Name }) => Name === name).map(networkFacts)) : found;
  }

  /** Engines make two networks of one name when asked twice at once. */
  const beingMade = new Map<string, Promise<EngineResult<NetworkFacts>>>();

  async function makeNetwork(
    name: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<EngineResult<NetworkFacts>> {
    const found = await networksNamed(name);
    if (!found.ok) return found;
    if (found.value[0]) return ok(found.value[0]);
    const created = await calls.order({
      method: 'POST',
      path: '/networks/create',
      body: { Name: name, Driver: 'bridge', CheckDuplicate: true, Labels: labels },
      doing: `make the network ${name}`,
    });
    // Somebody else may have made it just now.
    if (!created.ok && !/already exists/i.test(created.error.detail)) return created;
    const made = await networksNamed(name);
    if (!made.ok) return made;
    if (made.value[0]) return ok(made.value[0]);
    const message = `The network ${name} was removed while it was made.`;
    return fail({ reason: 'no-such-network', message, detail: message });
  }

  return {
    ensureNetwork(name, labels) {
      const making = beingMade.get(name) ?? makeNetwork(name, labels).finally(() => beingMade.delete(name));
      beingMade.set(name, making);
      return making;
    },

    async listNetworks(labels) {
      const listed = await calls.read(
        { path: '/networks', query: { filters: labelFilters(labels) }, doing: 'list networks' },
        z.array(networkSchema),
      );
      return listed.ok ? ok(listed.value.map(networkFacts)) : listed;
    },

    async removeNetwork(name) {
      const named = await networksNamed(name);
      if (!named.ok) return named;
      for (const { id } of named.value) {
        const removed = accepting(
          await calls.order({
            method: 'DELETE',
            path: enginePath`/networks/${id}`,
            doing: `remove the network ${name}`,
          }),
          ({ reason }) => reason === 'no-such-network',
        );
        if (!removed.ok) return removed;
      }
      return ok(null);
    },

    async ensureVolume({ name, driver, options, labels }) {
      const made = await calls.change(
        {
          method: 'POST',
          path: '/volumes/create',
          body: { Name: name, Driver: driver, DriverOpts: options, Labels: labels },
          doing: `make the volume ${name}`,
        },
        volumeSchema,
      );
      return made.ok ? ok(volumeFacts(made.value)) : made;
    },

    async listVolumes(labels) {
      const listed = await calls.read(
        { path: '/volumes', query: { filters: labelFilters(labels) }, doing: 'list volumes' },
        volumesSchema,
      );
      return listed.ok ? ok((listed.value.Volumes ?? []).map(volumeFacts)) : listed;
    },

    removeVolume: async (name) =>
      accepting(
        await calls.order({
          method: 'DELETE',
          path: enginePath`/volumes/${name}`,
          doing: `remove the volume ${name}`,
        }),
        ({ reason }) => reason === 'no-such-volume',
      ),
  };
}

function networkFacts({ Id, Name, Labels, IPAM }: z.infer<typeof networkSchema>): NetworkFacts {
  const address = IPAM?.Config?.[0];
  return { id: Id, name: Name, labels: Labels, gateway: address?.Gateway ?? null, subnet: address?.Subnet ?? null };
}

function volumeFacts(volume: z.infer<typeof volumeSchema>): VolumeFacts {
  return {
    name: volume.Name,
    driver: volume.Driver,
    labels: volume.Labels,
    mountpoint: volume.Mountpoint,
    createdAtMs: instantMs(volume.CreatedAt) ?? 0,
    sizeBytes: null,
    usedBy: null,
  };
}
