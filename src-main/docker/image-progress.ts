/** What engines say while they pull or build, line by line; nothing of it is kept but sums. */
import { z } from 'zod';
import type { ImageProgress } from '../ports/engine.ts';

const messageSchema = z.object({
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  stream: z.string().optional(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string().optional() }).optional(),
  aux: z.object({ ID: z.string().optional() }).nullish(),
});

/** What one message meant. */
export type ProgressMessage =
  | { readonly kind: 'progress'; readonly progress: ImageProgress }
  | { readonly kind: 'error'; readonly detail: string }
  | { readonly kind: 'image'; readonly id: string }
  | { readonly kind: 'nothing' };

/** Layers come in parallel; what a person wants to see is the sum of them. */
export class ProgressReader {
  /** Bytes of each layer, while it is downloaded. */
  readonly #layers = new Map<string, { current: number; total: number }>();

  read(value: unknown): ProgressMessage {
    const parsed = messageSchema.safeParse(value);
    if (!parsed.success) return { kind: 'nothing' };
    const { status, id, progressDetail, stream, error, errorDetail, aux } = parsed.data;
    const failure = errorDetail?.message ?? error;
    if (failure !== undefined) return { kind: 'error', detail: failure };
    if (aux?.ID !== undefined) return { kind: 'image', id: aux.ID };
    if (stream !== undefined) return this.#built(stream);
    if (status === undefined) return { kind: 'nothing' };
    this.#count(id, status, progressDetail?.current, progressDetail?.total);
    const line = id === undefined ? status : `${id}: ${status}`;
    return { kind: 'progress', progress: { phase: status, line, ...this.#sum() } };
  }

  #built(stream: string): ProgressMessage {
    const line = stream.trimEnd();
    if (line === '') return { kind: 'nothing' };
    const step = /^Step \d+\/\d+/.exec(line);
    return {
      kind: 'progress',
      progress: { phase: step ? step[0] : 'building', line, currentBytes: null, totalBytes: null },
    };
  }

  #count(id: string | undefined, status: string, current: number | undefined, total: number | undefined): void {
    if (id === undefined) return;
    const layer = this.#layers.get(id);
    // Unpacking counts the same bytes again.
    if (status === 'Downloading' && total !== undefined) this.#layers.set(id, { current: current ?? 0, total });
    else if (layer !== undefined && /complete|exists/i.test(status)) layer.current = layer.total;
  }

  #sum(): { currentBytes: number | null; totalBytes: number | null } {
    if (this.#layers.size === 0) return { currentBytes: null, totalBytes: null };
    let currentBytes = 0;
    let totalBytes = 0;
    for (const { current, total } of this.#layers.values()) {
      currentBytes += current;
      totalBytes += total;
    }
    return { currentBytes, totalBytes };
  }
}
