/** What a file of resources says, whichever format it was written in. */
import type { SecretName, VolumeName } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';

/** A config with its text. */
export interface ConfigResource {
  readonly name: SecretName;
  readonly text: string;
}

/** A volume as it is to be made. */
export interface VolumeResource {
  readonly name: VolumeName;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

/** All of it, each kind in the order of the file. */
export interface Resources {
  readonly services: ServiceSpec[];
  /** Names that the file relies on. A file never carries the value of a secret. */
  readonly secrets: { readonly name: SecretName }[];
  readonly configs: ConfigResource[];
  readonly volumes: VolumeResource[];
  /** What the file says and Gantry does not do, by its place. */
  readonly unsupported: string[];
  readonly warnings: string[];
}
