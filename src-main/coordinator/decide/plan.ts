/**
 * Reads a plan: YAML with a list `tasks:` of `id, title, prompt` and optional `dependsOn,
 * priority, phase, paths, agent, gate`. Whatever is wrong is said with file, line, column
 * and what was expected; all problems are found in one go.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { fail, ok, type Result } from '#shared/base/result.ts';
import { agentRefSchema } from '#shared/model/agent.ts';
import type { TaskKey } from '#shared/model/ids.ts';
import { type TaskSpec, taskSpecSchema } from '#shared/model/task.ts';
import { findCycle } from './task-graph.ts';

/** One thing that is wrong with a plan. Lines and columns count from 1. */
export interface PlanProblem {
  readonly kind: 'syntax' | 'value' | 'duplicate' | 'unknown-dependency' | 'cycle';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong and what was expected, without the place. */
  readonly message: string;
}

/** More tasks than this are refused. */
export const planTasksMax = 5_000;
const problemsMax = 20;

/** A plan's problems as people read them, one a line: `plan.yaml:4:7: …`. */
export function describePlanProblems(problems: readonly PlanProblem[]): string {
  return problems.map((each) => `${each.file}:${each.line}:${each.column}: ${each.message}`).join('\n');
}

/**
 * Parses and checks a whole plan. `knownKeys` are tasks that exist already and may be depended
 * on. Succeeds with at least one task, in the order of the file.
 */
export function parsePlan(
  fileName: string,
  text: string,
  knownKeys: ReadonlySet<TaskKey> = new Set(),
): Result<TaskSpec[], PlanProblem[]> {
  const reader = new PlanReader(fileName, text);
  const tasks = reader.read(knownKeys);
  return reader.problems.length > 0 ? fail(reader.problems.slice(0, problemsMax)) : ok(tasks);
}

interface ReadTask {
  readonly spec: TaskSpec;
  readonly idNode: Node;
  readonly dependencyNodes: ReadonlyMap<TaskKey, Node>;
}

const textKeys = ['id', 'title', 'prompt', 'phase', 'agent', 'gate'] as const;
const listKeys = ['dependsOn', 'paths'] as const;
const allKeys = ['id', 'title', 'prompt', 'dependsOn', 'priority', 'phase', 'paths', 'agent', 'gate'];

class PlanReader {
  readonly problems: PlanProblem[] = [];
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: true });
  }

  read(knownKeys: ReadonlySet<TaskKey>): TaskSpec[] {
    for (const error of this.#document.errors) {
      this.#report('syntax', error.pos[0], `This is not valid YAML: ${error.message.replace(/\.?\s*$/, '')}.`);
    }
    if (this.problems.length > 0) return [];

    const root = this.#document.contents;
    if (!isMap(root)) {
      this.#reportAt(root, `Expected "tasks:" with a list of tasks, found ${nameOf(root)}.`);
      return [];
    }
    for (const pair of root.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (key !== 'tasks') this.#reportAt(pair.key as Node, `Unknown key "${key}". Expected "tasks".`);
    }
    const list = this.#resolve(root.get('tasks', true));
    if (!isSeq(list)) {
      this.#reportAt(list ?? root, `Expected "tasks:" with a list of tasks, found ${nameOf(list)}.`);
      return [];
    }
    if (list.items.length === 0) this.#reportAt(list, 'The plan has no tasks. Expected at least one.');
    if (list.items.length > planTasksMax) {
      this.#reportAt(list, `The plan has ${list.items.length} tasks. Expected at most ${planTasksMax}.`);
      return [];
    }
    const tasks = list.items
      .map((item) => this.#readTask(this.#resolve(item as Node)))
      .filter((task): task is ReadTask => task !== null);
    this.#checkGraph(tasks, knownKeys);
    return tasks.map((task) => task.spec);
  }

  #readTask(node: Node | null): ReadTask | null {
    if (!isMap(node)) {
      this.#reportAt(node, `Expected a task with id, title and prompt, found ${nameOf(node)}.`);
      return null;
    }
    const problemsBefore = this.problems.length;
    const values = new Map<string, Node | null>();
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (allKeys.includes(key)) values.set(key, this.#resolve(pair.value as Node | null));
      else this.#reportAt(pair.key as Node, `Unknown key "${key}". Expected one of ${allKeys.join(', ')}.`);
    }
    for (const key of ['id', 'title', 'prompt']) {
      if (!values.has(key)) this.#reportAt(node, `This task has no "${key}". Expected text.`);
    }

    const raw: Record<string, unknown> = {};
    for (const key of textKeys) {
      const value = values.get(key);
      if (value === undefined || (isEmpty(value) && key !== 'id' && key !== 'title' && key !== 'prompt')) continue;
      const text = this.#readText(value, key, node);
      if (text !== null) raw[key === 'id' ? 'key' : key] = text;
    }
    const dependencyNodes = new Map<TaskKey, Node>();
    for (const key of listKeys) {
      const value = values.get(key);
      if (value === undefined || isEmpty(value)) continue;
      raw[key] = this.#readTexts(value, key, node, (text, item) => dependencyNodes.set(text as TaskKey, item));
    }
    const priority = values.get('priority');
    if (priority !== undefined && !isEmpty(priority)) {
      if (isScalar(priority) && typeof priority.value === 'number') raw['priority'] = priority.value;
      else this.#reportAt(priority ?? node, `"priority" is ${nameOf(priority)}. Expected a whole number from 1 to 5.`);
    }
    if (this.problems.length > problemsBefore) return null;

    const agentRef = agentRefSchema.nullable().safeParse(raw['agent'] ?? null);
    if (!agentRef.success) {
      this.#reportAt(
        values.get('agent') ?? node,
        `Unknown agent "${String(raw['agent'])}". Expected demo, codex, claude, opencode, gemini, acp:COMMAND or command:COMMAND.`,
      );
      return null;
    }
    const spec = taskSpecSchema.safeParse(raw);
    if (!spec.success) {
      for (const issue of spec.error.issues) {
        const key = issue.path[0] === 'key' ? 'id' : String(issue.path[0] ?? '');
        this.#reportAt(values.get(key) ?? node, `"${key}" is not as expected: ${expectationOf(key, issue.message)}.`);
      }
      return null;
    }
    return { spec: spec.data, idNode: values.get('id') ?? node, dependencyNodes };
  }

  #readText(node: Node | null, key: string, task: Node): string | null {
    if (isScalar(node) && typeof node.value === 'string') return node.value;
    const hint =
      isScalar(node) && !isEmpty(node) ? ` Put quotes around it: "${String(node.source ?? node.value)}".` : '';
    this.#reportAt(node ?? task, `"${key}" is ${nameOf(node)}. Expected text.${hint}`);
    return null;
  }

  #readTexts(node: Node | null, key: string, task: Node, onDependency: (text: string, item: Node) => void): string[] {
    if (!isSeq(node)) {
      const example = key === 'dependsOn' ? '[T-1, T-2]' : '[src/api, README.md]';
      this.#reportAt(node ?? task, `"${key}" is ${nameOf(node)}. Expected a list such as ${example}.`);
      return [];
    }
    const texts: string[] = [];
    for (const item of node.items) {
      const resolved = this.#resolve(item as Node);
      const text = this.#readText(resolved, key, node);
      if (text === null) continue;
      texts.push(text);
      if (key === 'dependsOn') onDependency(text, resolved ?? node);
    }
    return texts;
  }

  #checkGraph(tasks: readonly ReadTask[], knownKeys: ReadonlySet<TaskKey>): void {
    const first = new Map<TaskKey, ReadTask>();
    for (const task of tasks) {
      const earlier = first.get(task.spec.key);
      if (!earlier) {
        first.set(task.spec.key, task);
        continue;
      }
      const line = this.#lines.linePos(earlier.idNode.range?.[0] ?? 0).line;
      this.#reportAt(
        task.idNode,
        `The id "${task.spec.key}" is used twice, first in line ${line}. Expected an id of its own for each task.`,
        'duplicate',
      );
    }
    for (const task of tasks) {
      for (const [key, node] of task.dependencyNodes) {
        if (first.has(key) || knownKeys.has(key)) continue;
        this.#reportAt(
          node,
          `"${task.spec.key}" depends on "${key}", which is not in the plan. Expected the id of a task.`,
          'unknown-dependency',
        );
      }
    }
    const cycle = findCycle([...first.values()].map((task) => task.spec));
    const start = cycle?.[0] === undefined ? undefined : first.get(cycle[0]);
    if (!cycle || !start) return;
    const node = (cycle[1] === undefined ? undefined : start.dependencyNodes.get(cycle[1])) ?? start.idNode;
    this.#reportAt(
      node,
      `These tasks wait for each other: ${cycle.join(' → ')}. Expected dependencies without a circle.`,
      'cycle',
    );
  }

  #resolve(node: Node | null | undefined): Node | null {
    if (isAlias(node)) return node.resolve(this.#document) ?? null;
    return node ?? null;
  }

  #reportAt(node: Node | null | undefined, message: string, kind: PlanProblem['kind'] = 'value'): void {
    this.#report(kind, node?.range?.[0] ?? 0, message);
  }

  #report(kind: PlanProblem['kind'], offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ kind, file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1), message });
  }
}

function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function nameOf(node: Node | null | undefined): string {
  if (node === null || node === undefined) return 'nothing';
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'nothing';
  if (typeof node.value === 'string') return 'text';
  if (typeof node.value === 'number' || typeof node.value === 'bigint') return `the number ${String(node.value)}`;
  return String(node.value);
}

function expectationOf(key: string, fallback: string): string {
  switch (key) {
    case 'id':
    case 'dependsOn':
      return 'expected letters, digits, dot, dash and underscore, at most 64';
    case 'title':
      return 'expected 1 to 300 characters';
    case 'prompt':
      return 'expected at most 100,000 characters';
    case 'priority':
      return 'expected a whole number from 1 (most urgent) to 5';
    default:
      return fallback;
  }
}
