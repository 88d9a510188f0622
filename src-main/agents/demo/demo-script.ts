/**
 * The language in which a task tells the demo agent what to do: a fenced block in its prompt,
 * a YAML list of steps. A second block, `demo rework`, is followed instead when the work comes
 * back without a conflict, such as after a failed gate.
 *
 *     ```demo
 *     - say: I add the parser.
 *     - think: It must accept empty input.
 *     - plan: [Write it, Test it]
 *     - edit: { path: src/parser.js, text: "export const parse = JSON.parse;\n" }
 *     - append: { path: README.md, text: "The parser reads JSON.\n" }
 *     - replace: { path: src/index.js, find: "one", with: "two" }
 *     - run: npm test
 *     - ask: { title: Publish the docs?, command: npm run docs }
 *     - wait: 500
 *     - fail: It cannot be done.
 *     ```
 *
 * `edit` writes a whole file; `replace` changes the first place that matches exactly; `run` fails
 * the agent when the command fails, unless written `run: { command: …, mayFail: true }`; `ask`
 * requests permission and, when it is given, runs the command if there is one; `wait` is in
 * milliseconds.
 */
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { fail, ok, type Result } from '#shared/base/result.ts';

const path = z
  .string()
  .min(1)
  .refine((value) => !value.startsWith('/') && !value.split(/[\\/]/).includes('..'), 'a path within the worktree');
const text = z.string().max(1_000_000);

const stepSchemas = {
  say: z.strictObject({ say: text }),
  think: z.strictObject({ think: text }),
  plan: z.strictObject({ plan: z.array(z.string()).min(1).max(50) }),
  edit: z.strictObject({ edit: z.strictObject({ path, text }) }),
  append: z.strictObject({ append: z.strictObject({ path, text }) }),
  replace: z.strictObject({ replace: z.strictObject({ path, find: z.string().min(1), with: text }) }),
  run: z.strictObject({
    run: z.union([
      z.string().min(1),
      z.strictObject({ command: z.string().min(1), mayFail: z.boolean().default(false) }),
    ]),
  }),
  ask: z.strictObject({ ask: z.strictObject({ title: z.string().min(1), command: z.string().min(1).optional() }) }),
  wait: z.strictObject({ wait: z.number().min(0).max(86_400_000) }),
  fail: z.strictObject({ fail: text }),
} as const;

type StepKind = keyof typeof stepSchemas;

/** One step; it has exactly one key, which says what it is. */
export type DemoStep = { [Kind in StepKind]: z.infer<(typeof stepSchemas)[Kind]> }[StepKind];

export type DemoBlock = 'demo' | 'demo rework';

/** The steps of a block in `prompt`; null when there is none; the error names the step. */
export function readDemoScript(prompt: string, block: DemoBlock): Result<DemoStep[] | null, string> {
  const found = new RegExp(`^\`\`\`${block}[ \\t]*\\n([\\s\\S]*?)^\`\`\`[ \\t]*$`, 'm').exec(prompt);
  if (!found) return ok(null);
  let list: unknown;
  try {
    list = parse(found[1] ?? '');
  } catch (error) {
    if (error instanceof YAMLParseError) return fail(`The \`${block}\` script is not YAML: ${error.message}`);
    throw error;
  }
  if (!Array.isArray(list)) return fail(`The \`${block}\` script must be a list of steps.`);
  const steps: DemoStep[] = [];
  for (const [index, item] of list.entries()) {
    const step = readStep(item);
    if (!step.ok) return fail(`Step ${index + 1} of the \`${block}\` script: ${step.error}`);
    steps.push(step.value);
  }
  return ok(steps);
}

function readStep(item: unknown): Result<DemoStep, string> {
  const kinds = Object.keys(stepSchemas).join(', ');
  const kind = item !== null && typeof item === 'object' ? Object.keys(item)[0] : undefined;
  if (kind === undefined || !isStepKind(kind)) return fail(`expected one of ${kinds}`);
  const parsed = stepSchemas[kind].safeParse(item);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return fail(`${issue?.path.join('.') ?? kind}: ${issue?.message ?? 'not understood'}`);
}

function isStepKind(kind: string): kind is StepKind {
  return Object.hasOwn(stepSchemas, kind);
}
