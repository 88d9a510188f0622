/** `gantry apply` and `gantry service deploy`: the plan first, then what it says. */
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import type { DeployPlan } from '#shared/contract/service-views.ts';
import { serviceIdOf, serviceNameSchema } from '#shared/model/service-ids.ts';
import { type ServiceSpec, serviceSpecSchema } from '#shared/model/service-spec.ts';
import { awaitRollouts } from './await-rollouts.ts';
import { type CommandContext, confirm, type Outcome, projectOf, stackOf, valuesOf } from './command-context.ts';
import { planLines } from './plan-lines.ts';
import { print } from './print.ts';
import { readComposeFile } from './compose-plugin.ts';

/** Shows what the file changes, asks, applies it, and waits for the rollouts. */
export async function apply(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal } = context;
  const path = resolve(args.text('file') ?? '');
  const isCompose = args.isGiven('compose') || /(^|-)compose\.ya?ml$/.test(basename(path));
  const project = await projectOf(context);
  const folder = dirname(path);
  const text = isCompose ? await readComposeFile(path, () => readText(path)) : readText(path);
  const file = {
    projectId: project.id,
    stack: stackOf(context),
    format: isCompose ? ('compose' as const) : ('gantry' as const),
    fileName: basename(path),
    text,
    env: isCompose ? { ...namedVariables(text, process.env), PWD: folder } : {},
  };
  const plan = await client.call('stack.plan', file);
  const go = await showAndAsk(context, plan, `Apply ${file.fileName} to ${project.name}?`);
  if (go !== 'go') return go;
  const { deployed } = await client.call('stack.apply', { ...file, fingerprint: plan.fingerprint });
  const goals = deployed.filter(({ unchanged }) => !unchanged);
  const outcome = await awaitRollouts(context, project.id, deployed);
  print(terminal, args.isGiven('json'), { plan, deployed, outcome }, () => [
    goals.length === 0
      ? 'Applied.'
      : `Applied: ${goals.map(({ serviceId, revision }) => `${serviceId.split('/').at(-1)} is ${outcome === 'done' ? 'at' : 'asked for'} revision ${revision}`).join(', ')}.`,
  ]);
  return outcome;
}

/** A new revision of one service with another image or other variables. */
export async function deploy(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal } = context;
  const project = await projectOf(context);
  const stack = stackOf(context);
  const name = serviceNameSchema.safeParse(args.operands[0]);
  if (!name.success) throw new GantryError('invalid-input', `"${args.operands[0]}" is no name of a service.`);
  const serviceId = serviceIdOf(project.id, stack, name.data);
  const revisions = await valuesOf(context, 'service.watchRevisions', { serviceId });
  const [newest] = revisions.sort((a, b) => b.revision.number - a.revision.number);
  const before = newest?.revision.spec ?? null;
  const spec = changedSpec(context, before, name.data);
  const plan = await client.call('service.plan', { projectId: project.id, stack, spec });
  const go = await showAndAsk(context, plan, `Deploy ${name.data}?`);
  if (go !== 'go') return go;
  const deployed = await client.call('service.deploy', {
    projectId: project.id,
    stack,
    spec,
    expectedRevisions: newest?.revision.number ?? 0,
  });
  const outcome = await awaitRollouts(context, project.id, [deployed]);
  print(terminal, args.isGiven('json'), { ...deployed, outcome }, () => []);
  return outcome;
}

/** 'go' once a person agreed; else how the command ends. */
async function showAndAsk(context: CommandContext, plan: DeployPlan, question: string): Promise<Outcome | 'go'> {
  const { args, terminal } = context;
  const isJson = args.isGiven('json');
  const show = isJson ? terminal.progress : terminal.result;
  if (!isJson || !args.isGiven('dry-run'))
    for (const line of planLines(plan, terminal.isColoured && !isJson)) show(line);
  const isBlocked = plan.entries.some(({ action }) => action === 'blocked');
  const isNews = plan.entries.some(({ action }) => action === 'create' || action === 'change');
  if (args.isGiven('dry-run')) {
    if (isJson) terminal.result(JSON.stringify(plan));
    return isBlocked ? 'refused' : 'done';
  }
  if (isBlocked) {
    terminal.progress('Nothing was touched.');
    if (isJson) terminal.result(JSON.stringify({ plan, deployed: [], outcome: 'refused' }));
    return 'refused';
  }
  // Nothing to agree to; a rollout that is still under way is waited for all the same.
  if (!isNews) return 'go';
  return (await confirm(context, question)) ? 'go' : 'refused';
}

function changedSpec({ args }: CommandContext, before: ServiceSpec | null, name: ServiceSpec['name']): ServiceSpec {
  const reference = args.text('image');
  if (before === null && reference === null) {
    throw new GantryError(
      'invalid-input',
      `There is no service "${name}" yet: say --image, or use "gantry apply -f FILE".`,
    );
  }
  const env = Object.fromEntries(args.texts('env').map((text) => pairOf(text, '--env')));
  return serviceSpecSchema.parse({
    ...(before ?? { name }),
    ...(reference === null ? {} : { image: { kind: 'image', reference } }),
    env: { ...before?.env, ...env },
  });
}

/** `NAME=text` in two. */
export function pairOf(text: string, option: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new GantryError('invalid-input', `${option} takes NAME=text, not "${text}".`);
}

/** Only the variables that a Compose file names, and the profiles: nothing else of the environment leaves this process. */
export function namedVariables(text: string, env: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const names = new Set([...(text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []), 'COMPOSE_PROFILES']);
  return Object.fromEntries([...names].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new GantryError(
      'invalid-spec',
      `${path} cannot be read: ${isMissing ? 'it does not exist' : String(error)}.`,
    );
  }
}
