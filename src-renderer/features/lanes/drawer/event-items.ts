import type { ItemOf } from '#shared/contract/contract.ts';
import type { AgentEvent } from '#shared/model/agent-event.ts';
import { plainText } from '../../../ui/log/ansi.ts';

type Tool = Extract<AgentEvent, { type: 'tool' }>;
type Plan = Extract<AgentEvent, { type: 'plan' }>;
type LaneEvent = ItemOf<'lane.events'>;

/** One line of the lane's story: several events of one matter are one line. */
export type EventItem = { readonly key: string; readonly atMs: number } & (
  | { readonly kind: 'run'; readonly runNumber: number }
  | { readonly kind: 'say'; readonly by: 'agent' | 'user'; readonly text: string }
  | { readonly kind: 'thought'; readonly text: string }
  | { readonly kind: 'tool'; readonly tool: Tool }
  | { readonly kind: 'reads'; readonly paths: readonly string[] }
  | { readonly kind: 'file'; readonly path: string; readonly change: 'add' | 'update' | 'delete' }
  | { readonly kind: 'plan'; readonly plan: Plan }
  | {
      readonly kind: 'permission';
      readonly title: string;
      readonly command: string | null;
      readonly answer: 'open' | 'allowed' | 'denied' | 'void';
    }
  | { readonly kind: 'control'; readonly action: 'paused' | 'resumed' | 'interrupted' }
  | { readonly kind: 'trouble'; readonly text: string; readonly retries: boolean }
  | { readonly kind: 'turn-end'; readonly summary: string }
  | { readonly kind: 'raw'; readonly line: string }
  | { readonly kind: 'end'; readonly outcome: Extract<AgentEvent, { type: 'end' }>['outcome'] }
);

/** More events than this are not kept in the panel; the journal has them all. */
const itemsMax = 3_000;

/**
 * Tells the story of a lane from its events: a tool call and its updates are one line, so are
 * files read in a row, a request and its answer, and the plan of a run.
 */
export class EventStory {
  #items: EventItem[] = [];
  readonly #places = new Map<string, string>();
  #runId: string | null = null;
  #runs = 0;
  #dropped = 0;

  /** The lines so far, oldest first. A new array after every `append`. */
  items: readonly EventItem[] = [];

  /** How many of the oldest lines were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  append(events: readonly LaneEvent[]): void {
    for (const { runId, entry } of events) {
      if (runId !== this.#runId) {
        this.#runId = runId;
        this.#runs += 1;
        if (this.#runs > 1) this.#put({ key: `${runId} start`, atMs: entry.atMs, kind: 'run', runNumber: this.#runs });
      }
      this.#take(`${runId} ${entry.seq}`, entry.atMs, entry.event);
    }
    const excess = this.#items.length - itemsMax;
    if (excess > 0) {
      this.#items = this.#items.slice(excess);
      this.#dropped += excess;
    }
    this.items = [...this.#items];
  }

  #take(key: string, atMs: number, event: AgentEvent): void {
    const at = { key, atMs };
    switch (event.type) {
      case 'session':
      case 'usage':
        return;
      case 'message':
        return this.#put({ ...at, kind: 'say', by: event.author, text: plainText(event.text) });
      case 'thought':
        return this.#put({ ...at, kind: 'thought', text: plainText(event.text) });
      case 'tool':
        return this.#tool(key, atMs, event);
      case 'file-change':
        return this.#file(key, atMs, event);
      case 'plan':
        return this.#merge(`plan ${this.#runId}`, { ...at, kind: 'plan', plan: event });
      case 'permission':
        return this.#merge(`ask ${event.requestId}`, {
          ...at,
          kind: 'permission',
          title: plainText(event.title),
          command: event.command === null ? null : plainText(event.command),
          answer: 'open',
        });
      case 'permission-resolved':
        return this.#answer(event);
      case 'control':
        return this.#put({ ...at, kind: 'control', action: event.action });
      case 'retry':
        return this.#put({ ...at, kind: 'trouble', text: plainText(event.message), retries: true });
      case 'error':
        return this.#put({ ...at, kind: 'trouble', text: plainText(event.message), retries: false });
      case 'turn-end':
        return this.#put({ ...at, kind: 'turn-end', summary: plainText(event.summary) });
      case 'raw':
        return this.#put({ ...at, kind: 'raw', line: plainText(event.line) });
      case 'end':
        return this.#put({ ...at, kind: 'end', outcome: this.#withoutEcho(event.outcome) });
    }
  }

  /** An agent's last message is often its summary too; saying it twice helps nobody. */
  #withoutEcho(outcome: Extract<AgentEvent, { type: 'end' }>['outcome']): typeof outcome {
    const last = this.#items.findLast((item) => item.kind === 'say');
    const isEcho = outcome.kind === 'ok' && last !== undefined && last.text === plainText(outcome.summary);
    return isEcho ? { kind: 'ok', summary: '' } : outcome;
  }

  #tool(key: string, atMs: number, tool: Tool): void {
    const isPlainRead = tool.kind === 'read' && tool.paths.length > 0 && tool.status !== 'failed';
    const last = this.#items.at(-1);
    if (isPlainRead && last?.kind === 'reads') {
      const paths = [...new Set([...last.paths, ...tool.paths.map(plainText)])];
      this.#items[this.#items.length - 1] = { ...last, paths };
      return;
    }
    if (isPlainRead) return this.#put({ key, atMs, kind: 'reads', paths: tool.paths.map(plainText) });
    this.#merge(`tool ${this.#runId} ${tool.toolId}`, { key, atMs, kind: 'tool', tool });
  }

  #file(key: string, atMs: number, event: Extract<AgentEvent, { type: 'file-change' }>): void {
    const path = plainText(event.path);
    const last = this.#items.at(-1);
    // An edit tool names its file; saying it twice helps nobody.
    if (last?.kind === 'tool' && last.tool.kind === 'edit' && last.tool.paths.includes(event.path)) return;
    if (last?.kind === 'file' && last.path === path) return;
    this.#put({ key, atMs, kind: 'file', path, change: event.kind });
  }

  #answer(event: Extract<AgentEvent, { type: 'permission-resolved' }>): void {
    const key = this.#places.get(`ask ${event.requestId}`);
    const at = this.#items.findIndex((item) => item.key === key);
    const item = this.#items[at];
    if (item?.kind !== 'permission') return;
    const answer = event.optionId === null ? 'void' : event.allowed ? 'allowed' : 'denied';
    this.#items[at] = { ...item, answer };
  }

  #put(item: EventItem): void {
    this.#items.push(item);
  }

  /** Puts an item in the place of the one that began the same matter, or at the end. */
  #merge(matter: string, item: EventItem): void {
    const key = this.#places.get(matter);
    const at = key === undefined ? -1 : this.#items.findLastIndex((each) => each.key === key);
    const first = this.#items[at];
    if (first === undefined) {
      this.#places.set(matter, item.key);
      this.#items.push(item);
    } else this.#items[at] = { ...item, key: first.key, atMs: first.atMs };
  }
}
