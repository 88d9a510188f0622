import type { AgentEvent } from '#shared/model/agent-event.ts';

const runningMax = 1_000;

/** Says how long tools took, for agents that do not. */
export class ToolTimer {
  readonly #startedAtMs = new Map<string, number>();

  /** The event, with its duration once the tool is done; `nowMs` is monotonic. */
  complete(event: AgentEvent, nowMs: number): AgentEvent {
    if (event.type !== 'tool') return event;
    const startedAtMs = this.#startedAtMs.get(event.toolId);
    if (event.status === 'running') {
      if (startedAtMs === undefined && this.#startedAtMs.size < runningMax) this.#startedAtMs.set(event.toolId, nowMs);
      return event;
    }
    this.#startedAtMs.delete(event.toolId);
    if (event.durationMs !== null || startedAtMs === undefined) return event;
    return { ...event, durationMs: Math.round(nowMs - startedAtMs) };
  }
}
