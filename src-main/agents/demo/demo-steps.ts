/** Performs one step of a demo script, really, and tells it as typed events. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AgentEvent } from '#shared/model/agent-event.ts';
import { shellCall } from '../shell-call.ts';
import type { DemoInbox } from './demo-inbox.ts';
import type { DemoStep } from './demo-script.ts';

/** The demo agent gives up, for a reason that the person can read. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}

/** The person broke off the step at hand. */
export class DemoInterrupted extends Error {
  override readonly name = 'DemoInterrupted';
}

const outputCharsMax = 20_000;

/** Writes one event to standard output. */
export function say(event: AgentEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

export class DemoSteps {
  readonly #inbox: DemoInbox;
  #plan: string[] = [];
  #planDone = 0;
  #tools = 0;
  #characters = 0;

  constructor(inbox: DemoInbox) {
    this.#inbox = inbox;
  }

  /** Throws `DemoFailure` or `DemoInterrupted`. */
  async perform(step: DemoStep): Promise<void> {
    this.#characters += JSON.stringify(step).length;
    if ('say' in step) say({ type: 'message', author: 'agent', text: step.say });
    else if ('think' in step) say({ type: 'thought', text: step.think });
    else if ('plan' in step) this.#startPlan(step.plan);
    else if ('edit' in step) this.#write(step.edit.path, () => step.edit.text);
    else if ('append' in step) this.#write(step.append.path, (old) => old + step.append.text);
    else if ('replace' in step) this.#replace(step.replace.path, step.replace.find, step.replace.with);
    else if ('run' in step) await this.#run(step.run);
    else if ('ask' in step) await this.#ask(step.ask.title, step.ask.command ?? null);
    else if ('wait' in step) await this.#wait(step.wait);
    else throw new DemoFailure(step.fail);
    if ('edit' in step || 'append' in step || 'replace' in step || 'run' in step || 'ask' in step) this.#planGoesOn();
  }

  /** Runs a command to its end; the exit code is null when a signal ended it. */
  async command(command: string): Promise<{ exitCode: number | null; output: string }> {
    const toolId = this.#nextTool();
    const startedAtMs = performance.now();
    const tool = { type: 'tool', toolId, kind: 'command', title: command, command, paths: [] as string[] } as const;
    say({ ...tool, status: 'running', exitCode: null, output: null, durationMs: null });
    const { file, args } = shellCall(command);
    const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-outputCharsMax);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    let interrupted = false;
    const unwatch = this.#inbox.watchInterrupt(() => {
      interrupted = true;
      child.kill('SIGINT');
    });
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    unwatch();
    const durationMs = Math.round(performance.now() - startedAtMs);
    say({ ...tool, status: exitCode === 0 ? 'completed' : 'failed', exitCode, output, durationMs });
    if (interrupted) throw new DemoInterrupted();
    return { exitCode, output };
  }

  /** Writes a file of the worktree and tells it. `change` gets the old text, empty for a new file. */
  #write(path: string, change: (old: string) => string): void {
    const existed = existsSync(path);
    const old = existed ? readFileSync(path, 'utf8') : '';
    const text = change(old);
    const toolId = this.#nextTool();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const title = `${existed ? 'Edit' : 'Write'} ${path}`;
    const done = { status: 'completed', command: null, exitCode: null, output: null, durationMs: 0 } as const;
    say({ type: 'tool', toolId, kind: 'edit', title, paths: [path], ...done });
    say({ type: 'file-change', path, kind: existed ? 'update' : 'add' });
  }

  /** For the conflict resolver, which knows what the file has to become. */
  writeFile(path: string, text: string): void {
    this.#write(path, () => text);
  }

  /** There is no model behind this agent; its characters stand in for tokens so that totals can be seen. */
  sayUsage(): void {
    const tokens = Math.ceil(this.#characters / 4);
    say({ type: 'usage', usage: { inputTokens: tokens, outputTokens: tokens, cachedTokens: 0, costUsd: null } });
  }

  #replace(path: string, find: string, replacement: string): void {
    if (!existsSync(path)) throw new DemoFailure(`There is no ${path} in which to replace anything.`);
    const old = readFileSync(path, 'utf8');
    const at = old.indexOf(find);
    if (at < 0) throw new DemoFailure(`${path} does not contain "${find.split('\n', 1)[0]}".`);
    this.#write(path, () => old.slice(0, at) + replacement + old.slice(at + find.length));
  }

  async #run(run: Extract<DemoStep, { run: unknown }>['run']): Promise<void> {
    const { command, mayFail } = typeof run === 'string' ? { command: run, mayFail: false } : run;
    const { exitCode } = await this.command(command);
    if (exitCode !== 0 && !mayFail) throw new DemoFailure(`"${command}" failed with exit code ${exitCode ?? 'none'}.`);
  }

  async #ask(title: string, command: string | null): Promise<void> {
    const requestId = `ask-${this.#tools + 1}`;
    say({
      type: 'permission',
      requestId,
      title,
      command,
      options: [
        { optionId: 'allow', name: 'Allow', kind: 'allow-once' },
        { optionId: 'reject', name: 'Reject', kind: 'reject-once' },
      ],
    });
    const allowed = await this.#answerTo(requestId);
    if (!allowed) say({ type: 'message', author: 'agent', text: 'I leave that out.' });
    else if (command !== null) await this.#run(command);
    else this.#nextTool();
  }

  #answerTo(requestId: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const unwatch = this.#inbox.watchInterrupt(() => {
        say({ type: 'permission-resolved', requestId, optionId: null, allowed: false });
        reject(new DemoInterrupted());
      });
      this.#inbox.onAnswer(requestId, (allowed) => {
        unwatch();
        resolve(allowed);
      });
    });
  }

  #wait(durationMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        unwatch();
        resolve();
      }, durationMs);
      const unwatch = this.#inbox.watchInterrupt(() => {
        clearTimeout(timer);
        // Also when it was interrupted before it began: then `unwatch` is not there yet.
        queueMicrotask(() => unwatch());
        reject(new DemoInterrupted());
      });
    });
  }

  #startPlan(steps: string[]): void {
    this.#plan = steps;
    this.#planDone = 0;
    this.#sayPlan();
  }

  #planGoesOn(): void {
    if (this.#planDone >= this.#plan.length) return;
    this.#planDone += 1;
    this.#sayPlan();
  }

  #sayPlan(): void {
    const status = (index: number): 'pending' | 'running' | 'completed' => {
      if (index < this.#planDone) return 'completed';
      return index === this.#planDone ? 'running' : 'pending';
    };
    say({ type: 'plan', steps: this.#plan.map((text, index) => ({ text, status: status(index) })) });
  }

  #nextTool(): string {
    this.#tools += 1;
    return `tool-${this.#tools}`;
  }
}
