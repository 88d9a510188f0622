/** Who led when, how long nobody did, and who was absent meanwhile. Times are wall clock. */
import type { ClusterView, LeadershipSpan } from '#shared/model/cluster.ts';
import type { NodeId } from '#shared/model/ids.ts';

const spansMax = 200;
const absencesMax = 200;

type Absence = ClusterView['absences'][number];

/** See the file's comment. */
export class LeadershipHistory {
  #spans: LeadershipSpan[] = [];
  #absences: Absence[] = [];
  #leader: { id: NodeId; term: number } | null = null;
  #leaderlessSinceMs: number | null;
  #handingOverSinceMs: number | null = null;

  /** Nobody leads at first; the nodes start at `startedAtMs`. */
  constructor(startedAtMs: number) {
    this.#leaderlessSinceMs = startedAtMs;
  }

  get leader(): NodeId | null {
    return this.#leader?.id ?? null;
  }

  /** Since when nobody leads; null while somebody does. */
  get leaderlessSinceMs(): number | null {
    return this.#leaderlessSinceMs;
  }

  spans(): LeadershipSpan[] {
    return [...this.#spans];
  }

  absences(): Absence[] {
    return [...this.#absences];
  }

  /** A leader was asked to hand over at `sinceMs`; null: that is no longer awaited. */
  handingOver(sinceMs: number | null): void {
    this.#handingOverSinceMs = sinceMs;
  }

  /** Somebody leads. Answers the span when it is a new one. */
  leads(id: NodeId, term: number, nowMs: number): LeadershipSpan | null {
    if (this.#leader?.id === id && this.#leader.term === term) return null;
    const handedOver = this.#handingOverSinceMs !== null;
    const since = this.#handingOverSinceMs ?? this.#leaderlessSinceMs;
    this.#closeSpan(nowMs);
    const span: LeadershipSpan = {
      nodeId: id,
      term,
      fromMs: nowMs,
      toMs: null,
      electionMs: since === null ? null : nowMs - since,
      cause: this.#spans.length === 0 ? 'start' : handedOver ? 'handed-over' : 'election',
    };
    this.#spans = [...this.#spans, span].slice(-spansMax);
    this.#leader = { id, term };
    this.#leaderlessSinceMs = null;
    this.#handingOverSinceMs = null;
    return span;
  }

  /** `id` no longer leads, and nobody else is known to. */
  lost(id: NodeId, nowMs: number): void {
    if (this.#leader?.id !== id) return;
    this.#closeSpan(nowMs);
    this.#leader = null;
    this.#leaderlessSinceMs ??= nowMs;
  }

  absent(nodeId: NodeId, cause: string, nowMs: number): void {
    this.present(nodeId, nowMs);
    this.#absences = [...this.#absences, { nodeId, fromMs: nowMs, toMs: null, cause }].slice(-absencesMax);
  }

  present(nodeId: NodeId, nowMs: number): void {
    this.#absences = this.#absences.map((absence) =>
      absence.nodeId === nodeId && absence.toMs === null ? { ...absence, toMs: nowMs } : absence,
    );
  }

  #closeSpan(nowMs: number): void {
    this.#spans = this.#spans.map((span) => (span.toMs === null ? { ...span, toMs: nowMs } : span));
  }
}
