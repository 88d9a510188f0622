/**
 * Which nodes there are, kept in `cluster.json` beside their folders. It says who was ever
 * started, so that a folder that went missing is seen as a loss; the voters themselves are in
 * the replicated configuration.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { GantryError } from '#shared/contract/error.ts';
import { type NodeId, nodeIdSchema } from '#shared/model/ids.ts';
import { toStorageError } from '../storage/storage-error.ts';
import { writeAtomically } from '../storage/write-atomically.ts';

const rosterNodeSchema = z.object({
  peer: z.number().int().positive(),
  id: nodeIdSchema,
  /** Its log was there once: from then on an absent one is a loss. */
  began: z.boolean(),
  /** The peer whose place it takes while it is being rebuilt. */
  replaces: z.number().int().positive().nullable(),
});
export type RosterNode = z.infer<typeof rosterNodeSchema>;

const rosterSchema = z.object({
  format: z.literal(1),
  group: z.literal(1),
  /** The voters that the cluster began with. */
  founders: z.array(z.number().int().positive()).min(1),
  /** Peers are never used twice. */
  nextPeer: z.number().int().positive(),
  nodes: z.array(rosterNodeSchema).min(1),
});
type RosterContent = z.infer<typeof rosterSchema>;

/** The id that people see for a peer. */
export function nodeIdOf(peer: number): NodeId {
  return nodeIdSchema.parse(`node-${peer}`);
}

/** See the file's comment. Every change is on the disk when its method returns. */
export class Roster {
  readonly #folder: string;
  #content: RosterContent;

  private constructor(folder: string, content: RosterContent) {
    this.#folder = folder;
    this.#content = content;
  }

  /** Reads the roster of `folder`, or begins one of `voters` nodes. Throws `GantryError` when that cannot be. */
  static open(folder: string, voters: number): Roster {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw toStorageError(error, folder);
    }
    const path = rosterPath(folder);
    if (existsSync(path)) return new Roster(folder, readRoster(path));
    if (readdirSync(folder).some((name) => nodeIdSchema.safeParse(name).success)) {
      throw new GantryError(
        'unavailable',
        `${path} is missing although there are nodes in its folder. Nothing was changed. Put the file back, or move the folder away to begin anew.`,
      );
    }
    const founders = Array.from({ length: voters }, (_, at) => at + 1);
    const nodes = founders.map((peer) => ({ peer, id: nodeIdOf(peer), began: false, replaces: null }));
    const roster = new Roster(folder, { format: 1, group: 1, founders, nextPeer: voters + 1, nodes });
    roster.#save(roster.#content);
    return roster;
  }

  get nodes(): readonly RosterNode[] {
    return this.#content.nodes;
  }

  get founders(): readonly number[] {
    return this.#content.founders;
  }

  get group(): number {
    return this.#content.group;
  }

  folderOf(peer: number): string {
    return join(this.#folder, nodeIdOf(peer));
  }

  /** The node's log exists. */
  setBegan(peer: number): void {
    const node = this.#content.nodes.find((known) => known.peer === peer);
    if (!node || node.began) return;
    this.#replace(peer, { ...node, began: true });
  }

  /** Adds a node under a new id that is to take the place of `replaced`. */
  addReplacement(replaced: number): RosterNode {
    const peer = this.#content.nextPeer;
    const node: RosterNode = { peer, id: nodeIdOf(peer), began: false, replaces: replaced };
    this.#save({ ...this.#content, nextPeer: peer + 1, nodes: [...this.#content.nodes, node] });
    return node;
  }

  /** `peer` has taken the place of the one it replaces, which is no longer in the roster. */
  finishReplacement(peer: number): void {
    const node = this.#content.nodes.find((known) => known.peer === peer);
    if (!node) return;
    const nodes = this.#content.nodes.filter((known) => known.peer !== node.replaces);
    this.#save({
      ...this.#content,
      nodes: nodes.map((known) => (known === node ? { ...node, replaces: null } : known)),
    });
  }

  /** Forgets a node that never took part. */
  remove(peer: number): void {
    this.#save({ ...this.#content, nodes: this.#content.nodes.filter((known) => known.peer !== peer) });
  }

  #replace(peer: number, changed: RosterNode): void {
    const nodes = this.#content.nodes.map((node) => (node.peer === peer ? changed : node));
    this.#save({ ...this.#content, nodes });
  }

  #save(content: RosterContent): void {
    writeAtomically(rosterPath(this.#folder), `${JSON.stringify(content, null, 2)}\n`);
    this.#content = content;
  }
}

function rosterPath(folder: string): string {
  return join(folder, 'cluster.json');
}

function readRoster(path: string): RosterContent {
  try {
    return rosterSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const storage = toStorageError(error, path);
    throw new GantryError(
      'unavailable',
      `${path} cannot be read: ${storage.message}. Nothing was changed. Restore the file from a backup.`,
      { cause: error },
    );
  }
}
