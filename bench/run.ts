/**
 * `npm run bench -- NAME [--json]`: runs one benchmark; without a name lists them. With `--json`
 * the last line of the output is the result. Exits with 1 when a target is missed.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';

const suffix = '.bench.ts';

async function load(name: string): Promise<Benchmark> {
  return (await import(pathToFileURL(join(import.meta.dirname, `${name}${suffix}`)).href)) as Benchmark;
}

function names(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
    .sort();
}

async function list(): Promise<void> {
  console.log('Usage: npm run bench -- NAME [--json]\n');
  for (const name of names()) console.log(`  ${name.padEnd(12)} ${(await load(name)).description}`);
}

function print({ metrics, targets, notes = [] }: BenchmarkResult): void {
  const width = Math.max(...Object.keys(metrics).map((metric) => metric.length));
  for (const [metric, value] of Object.entries(metrics)) console.log(`${metric.padEnd(width)}  ${value}`);
  for (const { metric, op, value, met } of targets)
    console.log(`${met ? 'met   ' : 'MISSED'}  ${metric} ${op} ${value}`);
  for (const note of notes) console.log(`note    ${note}`);
}

const { positionals, values } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [name] = positionals;
if (name === undefined) {
  await list();
} else if (!names().includes(name)) {
  console.error(`There is no benchmark "${name}". There are: ${names().join(', ')}.`);
  process.exitCode = 2;
} else {
  const benchmark = await load(name);
  // With --json everything else goes where it cannot be mistaken for the result.
  const result = await benchmark.run((line) => (values.json ? console.error(line) : console.log(line)));
  if (values.json) console.log(JSON.stringify({ name, ...result }));
  else print(result);
  if (result.targets.some(({ met }) => !met)) process.exitCode = 1;
}
