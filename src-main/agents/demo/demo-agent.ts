/**
 * The built-in demo agent. It is no model: it follows the script in its task's prompt, or makes
 * a small change of its own, but what it does is real: it edits files, runs commands, asks, and
 * resolves conflicts in its working directory. Says its events as lines of JSON.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { resolveConflicts } from './demo-conflicts.ts';
import { DemoInbox } from './demo-inbox.ts';
import { demoFailureCode, demoVariables } from './demo-protocol.ts';
import { type DemoStep, readDemoScript } from './demo-script.ts';
import { DemoFailure, DemoInterrupted, DemoSteps, say } from './demo-steps.ts';

/** What a session remembers: its first prompt, and how many steps of the script there are done. */
const stateSchema = z.object({ session: z.string(), prompt: z.string(), done: z.number().int().nonnegative() });

const told = readFileSync(process.env[demoVariables.promptFile] ?? '', 'utf8');
const stateFile = process.env[demoVariables.stateFile] ?? '';
const resumed = readState();
// A resumed session is told only what is new; the task itself it remembers.
const task = resumed?.prompt ?? told;
const prompt = resumed === null ? told : `${task}\n${told}`;
const session = resumed?.session ?? randomUUID();
const inbox = new DemoInbox(process.stdin);
const steps = new DemoSteps(inbox);

say({ type: 'session', sessionId: session });
if (resumed === null) writeState(0);
try {
  await work();
  steps.sayUsage();
} catch (error) {
  if (!(error instanceof DemoFailure)) throw error;
  say({ type: 'error', message: error.message });
  process.exitCode = demoFailureCode;
} finally {
  process.stdin.destroy();
}

async function work(): Promise<void> {
  const conflicts = await resolveConflicts(steps);
  if (conflicts.length > 0) {
    say({ type: 'message', author: 'agent', text: `Kept both sides in ${conflicts.join(', ')}.` });
    return;
  }
  const script = readScript('demo');
  const done = resumed?.done ?? 0;
  const finished = script !== null && resumed !== null && done >= script.length;
  const rework = finished ? readScript('demo rework') : null;
  if (rework !== null) await follow(rework, 0, () => undefined);
  else if (script === null) await improvise();
  else if (finished) say({ type: 'message', author: 'agent', text: 'My script has nothing more to change.' });
  else await follow(script, done, (count) => writeState(count));
  for (let message = inbox.takePrompt(); message !== null; message = inbox.takePrompt()) await reply(message);
}

/** Follows the steps from `first` on; interrupted, waits for the person and goes on where it was. */
async function follow(script: readonly DemoStep[], first: number, onDone: (count: number) => void): Promise<void> {
  for (let at = first; at < script.length; ) {
    const step = script[at];
    if (step === undefined) return;
    try {
      await steps.perform(step);
      at += 1;
      onDone(at);
    } catch (error) {
      if (!(error instanceof DemoInterrupted)) throw error;
      say({ type: 'turn-end', summary: 'Interrupted. Write to me and I go on.' });
      await reply(await inbox.nextPrompt());
    }
  }
}

/** Without a script: a note on the task, and a look at what git makes of it. */
async function improvise(): Promise<void> {
  const key = process.env['GANTRY_TASK_ID']?.split(':').at(-1) ?? 'task';
  const title = process.env['GANTRY_TASK_TITLE'] ?? prompt.trim().split('\n', 1)[0] ?? key;
  const path = `notes/${key.replaceAll(/[^A-Za-z0-9._-]/g, '-')}.md`;
  say({ type: 'message', author: 'agent', text: `I am the demo agent: I write down what "${title}" asks for.` });
  const wishes = prompt
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => `- [ ] ${line.replace(/^[-*] /, '')}`);
  await steps.perform({ plan: [`Write ${path}`, 'Look at the change'] });
  await steps.perform({ edit: { path, text: `# ${title}\n\n${wishes.join('\n')}\n` } });
  await steps.perform({ run: 'git status --short' });
  await steps.perform({ say: `Wrote ${path}.` });
}

/** What a person wrote may be a script; anything else is kept as a note in the conversation. */
async function reply(message: string): Promise<void> {
  const script = unwrap(readDemoScript(message, 'demo'));
  if (script !== null) await follow(script, 0, () => undefined);
  else say({ type: 'message', author: 'agent', text: `Understood: ${message}` });
}

function readScript(block: 'demo' | 'demo rework'): DemoStep[] | null {
  return unwrap(readDemoScript(prompt, block));
}

function unwrap(script: ReturnType<typeof readDemoScript>): DemoStep[] | null {
  if (script.ok) return script.value;
  throw new DemoFailure(script.error);
}

/** What the session that is to be resumed remembers; null in a new one. */
function readState(): z.infer<typeof stateSchema> | null {
  const wanted = process.env[demoVariables.session] ?? '';
  if (wanted === '') return null;
  const known = existsSync(stateFile) ? stateSchema.safeParse(JSON.parse(readFileSync(stateFile, 'utf8'))) : null;
  return known?.success && known.data.session === wanted ? known.data : { session: wanted, prompt: '', done: 0 };
}

function writeState(done: number): void {
  mkdirSync(dirname(stateFile), { recursive: true });
  writeFileSync(stateFile, JSON.stringify({ session, prompt: task, done }));
}
