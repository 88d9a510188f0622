/** All that the orchestrator reaches the world through; handed in so that tests and simulations can own it. */
import type { ImageProgress } from '../../ports/engine.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Edges } from '../../ports/edge.ts';
import type { ContainerEngine } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { ProjectCode } from '../../ports/project-code.ts';
import type { Random } from '../../ports/random.ts';
import type { SecretFiles, SecretVault } from '../../ports/secrets.ts';
import type { VolumeDriver } from '../../ports/volume-driver.ts';
import type { ControlStore } from '../../state/control-store.ts';

export interface ServiceWorld {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Short and lower case; one per data folder, for ever: in the names and labels of all that is made. */
  readonly instance: string;
  /** An engine that connects by itself and stays at it. Null: where the environment and Docker's context say. */
  readonly openEngine: (endpoint: string | null) => ContainerEngine;
  readonly openEdges: (engine: ContainerEngine) => Edges;
  readonly vault: SecretVault;
  readonly secretFiles: SecretFiles;
  readonly volumeDrivers: ReadonlyMap<string, VolumeDriver>;
  readonly code: ProjectCode;
  /** Whether something could listen there now. */
  readonly isPortFree: (address: string, port: number) => Promise<boolean>;
  /** Shows what is stored and observed and does what a person asks, but sets nothing to work by itself. */
  readonly viewOnly: boolean;
}

/** Told of a pull's or build's progress. */
export type OnImageProgress = (progress: ImageProgress) => void;
