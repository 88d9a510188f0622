import type { ProcessRow } from '../platform/process-table.ts';

/** CPU and memory of a changing set of processes, from one look at it to the next. */
export class UsageMeter {
  readonly #cpuMs = new Map<string, number>();
  #takenAtMs: number | null = null;
  /** Of one core, so that two busy ones are 200; null before the second look. */
  cpuPercent: number | null = null;
  memoryBytes: number | null = null;

  take(rows: readonly ProcessRow[], nowMs: number): void {
    const sinceMs = this.#takenAtMs === null ? 0 : nowMs - this.#takenAtMs;
    const next = new Map(rows.map((row) => [`${row.pid}/${row.identity}`, row.cpuMs]));
    let usedMs = 0;
    for (const [who, cpuMs] of next) usedMs += cpuMs - (this.#cpuMs.get(who) ?? 0);
    if (sinceMs > 0) this.cpuPercent = Math.round((usedMs / sinceMs) * 1_000) / 10;
    this.memoryBytes = rows.reduce((sum, row) => sum + row.memoryBytes, 0);
    this.#cpuMs.clear();
    for (const [who, cpuMs] of next) this.#cpuMs.set(who, cpuMs);
    this.#takenAtMs = nowMs;
  }
}
