/** What secrets and configs have in common: numbered versions that revisions pin. */
import { assertDefined } from '#shared/base/assert.ts';
import type { Failure } from '#shared/base/result.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { SecretName } from '#shared/model/service-ids.ts';
import type { Refusal } from '../command.ts';
import { refuse } from './refusal.ts';
import { currentRevisions } from './revision.ts';
import { titleOf } from './service-title.ts';
import type { Step } from './step.ts';

type Noun = 'secret' | 'config';

const pinsOf = { secret: 'secretVersions', config: 'configVersions' } as const;

/** The newest versions that are kept whether a revision pins them or not. */
const versionsKept = 2;

interface Versioned {
  readonly versions: readonly { readonly version: number }[];
}

/** A number that no version of this name ever had: an old revision must not come to mean another value. */
export function nextVersion(
  { tables }: Step,
  noun: Noun,
  projectId: ProjectId,
  name: SecretName,
  known: Versioned | null,
): number {
  return (known?.versions.at(-1)?.version ?? tables.services.usedNumber(projectId, noun, name)) + 1;
}

/** Those that a kept revision pins, and the newest ones. */
export function keepNeeded<Version extends { readonly version: number }>(
  { tables }: Step,
  noun: Noun,
  projectId: ProjectId,
  name: SecretName,
  versions: readonly Version[],
): Version[] {
  if (versions.length <= versionsKept) return [...versions];
  const pinned = tables.services.pinnedVersions(projectId, pinsOf[noun], name);
  return versions.filter((each, at) => at >= versions.length - versionsKept || pinned.has(each.version));
}

/** The refusal to remove what a service needs now; or null. */
export function refuseInUse(step: Step, noun: Noun, projectId: ProjectId, name: SecretName): Failure<Refusal> | null {
  const user = step.tables.services
    .servicesOf(projectId)
    .filter((service) => service.state === 'active')
    .find((service) => currentRevisions(step, service).some((each) => Object.hasOwn(each[pinsOf[noun]], name)));
  return user === undefined
    ? null
    : refuse(
        'wrong-state',
        `Service ${titleOf(user)} uses the ${noun} ${name}. It was kept; deploy that service without it first.`,
      );
}

/** Remembers the newest version of what is removed. */
export function rememberVersion(
  { tables }: Step,
  noun: Noun,
  { projectId, name, versions }: Versioned & { readonly projectId: ProjectId; readonly name: SecretName },
): void {
  const newest = assertDefined(versions.at(-1), 'there is no value without a version');
  tables.services.keepUsedNumber({ projectId, noun, name, number: newest.version });
}
