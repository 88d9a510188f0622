/** Which project a command is about. */
import { resolve, sep } from 'node:path';
import type { ContractClient } from '#shared/contract/client.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import { watchMap } from './watched-map.ts';

/** All that are open, the newest first. */
export async function projectsOf(client: ContractClient): Promise<ProjectView[]> {
  const watched = await watchMap(client, 'project.watch', {});
  watched.dispose();
  return [...watched.values.values()].sort((a, b) => b.openedAtMs - a.openedAtMs);
}

/** The one that `--project` names; else the only one; else the one whose folder this is. */
export async function chosenProject(
  client: ContractClient,
  wanted: string | null,
  folder: string = process.cwd(),
): Promise<ProjectView> {
  const projects = await projectsOf(client);
  const matching = wanted === null ? projects : projects.filter((each) => each.id === wanted || each.name === wanted);
  const [only, another] = matching;
  if (only === undefined)
    throw new GantryError(
      'not-found',
      wanted === null ? 'No project is open yet.' : `No project is called "${wanted}".`,
    );
  if (another === undefined) return only;
  const here = matching.filter((each) => `${resolve(folder)}${sep}`.startsWith(`${each.path}${sep}`));
  if (here[0] !== undefined && here.length === 1) return here[0];
  throw new GantryError(
    'invalid-input',
    `Several projects are open: ${projects.map((each) => each.id).join(', ')}. Say which with --project.`,
  );
}
