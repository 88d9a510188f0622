/** Volumes of a simulated engine. Those in memory are empty once nothing that runs has them mounted. */
import { assertDefined } from '#shared/base/assert.ts';
import type { ContainerSpec } from '../../ports/engine.ts';

export interface SimulatedVolume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isInMemory: boolean;
  /** Contents by path. */
  readonly files: Map<string, string>;
}

/** What the volumes have to know of the containers of their engine. */
export interface Mounting {
  readonly spec: ContainerSpec;
  readonly state: string;
}

const blockBytes = 512;

export class SimulatedVolumes {
  readonly byName = new Map<string, SimulatedVolume>();
  readonly #containers: ReadonlyMap<string, Mounting>;

  constructor(containers: ReadonlyMap<string, Mounting>) {
    this.#containers = containers;
  }

  ensure(
    name: string,
    options: Readonly<Record<string, string>>,
    labels: Readonly<Record<string, string>>,
  ): SimulatedVolume {
    const volume = this.byName.get(name) ?? {
      name,
      labels,
      isInMemory: options['type'] === 'tmpfs',
      files: new Map<string, string>(),
    };
    this.byName.set(name, volume);
    return volume;
  }

  /** False while a container, running or not, has it mounted. */
  remove(name: string): boolean {
    if (this.#mounters(name).length > 0) return false;
    this.byName.delete(name);
    return true;
  }

  /** The volume that a container has at a path, and the rest of the path within it. */
  find(spec: ContainerSpec, path: string): { volume: SimulatedVolume; rest: string } | null {
    for (const mount of spec.mounts) {
      if (mount.kind !== 'volume' || !`${path}/`.startsWith(`${mount.target}/`)) continue;
      const volume = assertDefined(this.byName.get(mount.volume), 'a container mounts volumes that are there');
      return { volume, rest: path.slice(mount.target.length + 1) };
    }
    return null;
  }

  /** A container ended: memory that nobody holds any more is given back. */
  onEnd({ spec }: Mounting): void {
    for (const mount of spec.mounts) {
      if (mount.kind !== 'volume') continue;
      const volume = this.byName.get(mount.volume);
      const isHeld = this.#mounters(mount.volume).some(({ state }) => state === 'running');
      if (volume?.isInMemory === true && !isHeld) volume.files.clear();
    }
  }

  #mounters(name: string): Mounting[] {
    return [...this.#containers.values()].filter(({ spec }) =>
      spec.mounts.some((mount) => mount.kind === 'volume' && mount.volume === name),
    );
  }
}

/** The files of a small archive. */
export function filesOf(tar: Uint8Array): Map<string, string> {
  const archive = Buffer.from(tar);
  const files = new Map<string, string>();
  for (let at = 0; at < archive.length && archive[at] !== 0; ) {
    const path = archive.toString('utf8', at, archive.indexOf(0, at));
    const sizeBytes = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
    const begin = at + blockBytes;
    files.set(path, archive.toString('utf8', begin, begin + sizeBytes));
    at = begin + Math.ceil(sizeBytes / blockBytes) * blockBytes;
  }
  return files;
}
