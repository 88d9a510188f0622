/** How volumes are made, kept and backed up. One driver by name; `local` is the engine's own. */
import type { ContainerEngine, EngineResult } from './engine.ts';

/** A backup as a file of the data folder. */
export interface VolumeBackup {
  readonly id: string;
  readonly volume: string;
  readonly atMs: number;
  readonly sizeBytes: number;
  /** "before rolling api back to revision 14". */
  readonly why: string;
}

export interface VolumeDriver {
  readonly name: string;
  /** Data of such a volume exists on one host only, so what mounts it has to run there. */
  readonly isBoundToHost: boolean;
  /** Makes it when it is not there. `engineName` is the volume's name at the engine. */
  ensure(
    engine: ContainerEngine,
    engineName: string,
    options: Readonly<Record<string, string>>,
    labels: Readonly<Record<string, string>>,
  ): Promise<EngineResult<null>>;
  remove(engine: ContainerEngine, engineName: string): Promise<EngineResult<null>>;
  /** Its whole content into the backups of the data folder, complete or not at all. */
  backUp(engine: ContainerEngine, engineName: string, why: string): Promise<EngineResult<VolumeBackup>>;
  /** Replaces its content by a backup's; what was there is backed up first. */
  restore(engine: ContainerEngine, engineName: string, backupId: string): Promise<EngineResult<null>>;
  /** Newest first. */
  backups(engineName: string): Promise<readonly VolumeBackup[]>;
}
