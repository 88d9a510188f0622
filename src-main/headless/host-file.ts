/**
 * `<data>/host.json`: where the running host is and the token that opens it, for the command
 * line of the same user. Readable by that user only; a new token at each start; removed when
 * the host ends.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const hostFileSchema = z.object({
  port: z.number().int().positive(),
  token: z.string().min(1),
  pid: z.number().int().positive(),
  /** Opens the panel: the token is in the fragment, which browsers never send. */
  url: z.string(),
});
export type HostFile = z.infer<typeof hostFileSchema>;

const pathIn = (dataFolder: string): string => join(dataFolder, 'host.json');

/** Publishes the host. Whoever reads the file meanwhile sees the old one or the new one, whole. */
export async function writeHostFile(dataFolder: string, content: HostFile): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const unfinished = `${pathIn(dataFolder)}.${content.pid}`;
  await rm(unfinished, { force: true });
  await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(unfinished, pathIn(dataFolder));
}

/** What is published; null when nothing is, or nothing that can be read. */
export async function readHostFile(dataFolder: string): Promise<HostFile | null> {
  let text: string;
  try {
    text = await readFile(pathIn(dataFolder), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return hostFileSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Takes back what was published, unless another host has published itself since. */
export async function removeHostFile(dataFolder: string, token: string): Promise<void> {
  const published = await readHostFile(dataFolder);
  if (published?.token === token) await rm(pathIn(dataFolder), { force: true });
}
