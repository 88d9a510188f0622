/** What a container that failed said and how it ended: the evidence of a failed gate. */
import type { ContainerEngine } from '../../ports/engine.ts';
import type { Replica } from '../decide/facts.ts';

const tailLines = 40;
const tailCharsMax = 8_000;
const waitMs = 3_000;

/** Exit code, last health output and log tail; what cannot be had is left out. */
export async function lastWords(
  engine: ContainerEngine,
  replica: Replica,
): Promise<Record<string, string | number | boolean | null>> {
  const words: Record<string, string | number | boolean | null> = {
    replica: replica.name,
    exitCode: replica.exitCode,
    outOfMemory: replica.wasOutOfMemory,
  };
  if (replica.error !== '') words['startError'] = replica.error;
  if (replica.health.detail !== '') words['lastHealth'] = replica.health.detail;
  const tail = await engine.logs(replica.containerId, {
    tailLines,
    follow: false,
    signal: AbortSignal.timeout(waitMs),
  });
  if (!tail.ok) return words;
  const lines: string[] = [];
  for await (const batch of tail.value) for (const line of batch) lines.push(line.text);
  words['logTail'] = lines.slice(-tailLines).join('\n').slice(-tailCharsMax);
  return words;
}
