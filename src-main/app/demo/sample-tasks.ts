/**
 * Eight tasks for the sample repository. Some wait for others; "fuel" and "island" change the
 * same lines, so that one of them has to be reworked; the first try of "labels" does not pass
 * the checks. Each carries a script for the demo agent in its prompt.
 */
import { stringify } from 'yaml';
import type { GateSpec } from '#shared/model/gate.ts';
import { type TaskSpec, taskSpecSchema } from '#shared/model/task.ts';

/** What has to pass before anything lands in the sample repository. */
export const sampleGates: readonly GateSpec[] = [
  { name: 'Whitespace', command: 'git diff --check HEAD^1 HEAD', timeoutMs: 30_000 },
  { name: 'Checks', command: 'node check.mjs', timeoutMs: 60_000 },
];

/** How many demo agents the demo starts with. */
export const sampleAgents = 3;

interface SampleTask {
  readonly key: string;
  readonly title: string;
  readonly phase: string;
  readonly priority: number;
  readonly dependsOn?: readonly string[];
  readonly paths: readonly string[];
  readonly words: string;
  readonly script: readonly object[];
  readonly rework?: readonly object[];
}

function block(name: string, steps: readonly object[]): string {
  return `\`\`\`${name}\n${stringify(steps, { lineWidth: 0 })}\`\`\``;
}

const handlingLine = `  { name: 'handling', of: () => 1 },\n`;

const tasks: readonly SampleTask[] = [
  {
    key: 'T-1',
    title: 'List the carriers and their zones',
    phase: 'Prices',
    priority: 1,
    paths: ['src/carriers.js'],
    words:
      'Add src/carriers.js with three carriers and the zones they serve, and a check that each serves at least one.',
    script: [
      { plan: ['Write the list', 'Write its check', 'Run the checks'] },
      { wait: 2_400 },
      { say: 'I start with the list of carriers; later tasks look them up by id.' },
      {
        edit: {
          path: 'src/carriers.js',
          text: "/** Who delivers, and where. */\nexport const carriers = [\n  { id: 'north', name: 'North Post', zones: ['domestic'] },\n  { id: 'swift', name: 'Swift', zones: ['domestic', 'europe'] },\n  { id: 'atlas', name: 'Atlas Freight', zones: ['domestic', 'europe', 'world'] },\n];\n\n/** The carriers that serve a zone. */\nexport function carriersFor(zone) {\n  return carriers.filter((carrier) => carrier.zones.includes(zone));\n}\n",
        },
      },
      { wait: 3_000 },
      {
        edit: {
          path: 'checks/carriers.js',
          text: "import assert from 'node:assert/strict';\nimport { carriers, carriersFor } from '../src/carriers.js';\n\nexport const name = 'every carrier serves a zone';\nexport function check() {\n  assert.ok(carriers.every((carrier) => carrier.zones.length > 0));\n  assert.equal(carriersFor('world').length, 1);\n}\n",
        },
      },
      { run: 'node check.mjs' },
      { wait: 1_600 },
      { say: 'Three carriers are listed, and carriersFor(zone) finds them.' },
    ],
  },
  {
    key: 'T-2',
    title: 'Add a fuel surcharge',
    phase: 'Prices',
    priority: 2,
    paths: ['src/surcharges.js'],
    words: 'Fuel adds 6 % of the base price. Put it right after handling in src/surcharges.js.',
    script: [
      { think: 'Surcharges see the base price, so a share of it is simple.' },
      { wait: 3_600 },
      {
        replace: {
          path: 'src/surcharges.js',
          find: handlingLine,
          with: `${handlingLine}  { name: 'fuel', of: ({ base }) => base * 0.06 },\n`,
        },
      },
      { wait: 2_400 },
      { run: 'node check.mjs' },
      { wait: 1_600 },
      { say: 'Fuel adds 6 % of the base price.' },
    ],
  },
  {
    key: 'T-3',
    title: 'Add an island surcharge',
    phase: 'Prices',
    priority: 2,
    paths: ['src/surcharges.js'],
    words: 'Parcels to the zone "island" cost 7 euros more. Put it right after handling in src/surcharges.js.',
    script: [
      { say: 'Islands get their own surcharge; other zones are not touched by it.' },
      { wait: 4_000 },
      {
        replace: {
          path: 'src/surcharges.js',
          find: handlingLine,
          with: `${handlingLine}  { name: 'island', of: ({ zone }) => (zone === 'island' ? 7 : 0) },\n`,
        },
      },
      { wait: 4_000 },
      {
        edit: {
          path: 'checks/island.js',
          text: "import assert from 'node:assert/strict';\nimport { quote } from '../src/quote.js';\n\nexport const name = 'islands cost more than the mainland';\nexport function check() {\n  assert.ok(quote({ weightKg: 1, zone: 'island' }) > quote({ weightKg: 1, zone: 'europe' }));\n}\n",
        },
      },
      { run: 'node check.mjs' },
      { wait: 3_000 },
      { say: 'Islands cost 7 euros more, and a check says so.' },
    ],
  },
  {
    key: 'T-4',
    title: 'Refuse parcels without a weight',
    phase: 'Prices',
    priority: 3,
    paths: ['src/validate.js'],
    words:
      'Add src/validate.js: a parcel needs a positive weight and a zone. Throw an error that says what is missing.',
    script: [
      { wait: 3_000 },
      {
        edit: {
          path: 'src/validate.js',
          text: "/** Throws an error that names what is wrong with a parcel. */\nexport function validate({ weightKg, zone }) {\n  if (!(weightKg > 0)) throw new TypeError(`weightKg must be positive, not ${weightKg}`);\n  if (!zone) throw new TypeError('zone is missing');\n}\n",
        },
      },
      { wait: 2_400 },
      {
        edit: {
          path: 'checks/validate.js',
          text: "import assert from 'node:assert/strict';\nimport { validate } from '../src/validate.js';\n\nexport const name = 'a parcel without a weight is refused';\nexport function check() {\n  assert.throws(() => validate({ zone: 'domestic' }), /weightKg/);\n  validate({ weightKg: 1, zone: 'domestic' });\n}\n",
        },
      },
      { run: 'node check.mjs' },
      { say: 'Parcels are validated before they are priced.' },
    ],
  },
  {
    key: 'T-5',
    title: 'Print a label with the carrier’s name',
    phase: 'Labels',
    priority: 2,
    dependsOn: ['T-1'],
    paths: ['src/label.js'],
    words: 'Add src/label.js: label(parcel) answers two lines, the carrier’s name in capitals and the zone.',
    script: [
      { say: 'The carriers are there now, so a label can name them.' },
      { wait: 3_000 },
      {
        edit: {
          path: 'src/label.js',
          text: "import { carriers } from './carriers.js';\n\n/** The two lines of a parcel's label. */\nexport function label({ carrierId, zone }) {\n  const carrier = carriers.find((each) => each.id === carrierId);\n  return `${carrier.name}\\n${zone}`;\n}\n",
        },
      },
      {
        edit: {
          path: 'checks/label.js',
          text: "import assert from 'node:assert/strict';\nimport { label } from '../src/label.js';\n\nexport const name = 'a label names its carrier in capitals';\nexport function check() {\n  assert.equal(label({ carrierId: 'swift', zone: 'europe' }), 'SWIFT\\neurope');\n}\n",
        },
      },
      { wait: 2_400 },
      { say: 'Labels are printed. I did not run the checks yet.' },
    ],
    rework: [
      { say: 'The check is right: the name must be in capitals.' },
      { wait: 2_000 },
      { replace: { path: 'src/label.js', find: 'carrier.name}', with: 'carrier.name.toUpperCase()}' } },
      { run: 'node check.mjs' },
      { say: 'The carrier’s name is in capitals now.' },
    ],
  },
  {
    key: 'T-6',
    title: 'Find the cheapest carrier',
    phase: 'Labels',
    priority: 3,
    dependsOn: ['T-1', 'T-2'],
    paths: ['src/cheapest.js'],
    words: 'Add src/cheapest.js: of the carriers that serve the zone, the first one and its price.',
    script: [
      { think: 'carriersFor and quote are both on main, so this is one function.' },
      { wait: 3_000 },
      {
        edit: {
          path: 'src/cheapest.js',
          text: "import { carriersFor } from './carriers.js';\nimport { quote } from './quote.js';\n\n/** Who delivers a parcel, and for how much; null when nobody does. */\nexport function cheapest(parcel) {\n  const [carrier] = carriersFor(parcel.zone);\n  return carrier ? { carrier: carrier.id, price: quote(parcel) } : null;\n}\n",
        },
      },
      { wait: 2_400 },
      {
        edit: {
          path: 'checks/cheapest.js',
          text: "import assert from 'node:assert/strict';\nimport { cheapest } from '../src/cheapest.js';\n\nexport const name = 'nobody delivers to the moon';\nexport function check() {\n  assert.equal(cheapest({ weightKg: 1, zone: 'moon' }), null);\n  assert.equal(cheapest({ weightKg: 1, zone: 'world' }).carrier, 'atlas');\n}\n",
        },
      },
      { run: 'node check.mjs' },
      { say: 'cheapest(parcel) answers a carrier and a price.' },
    ],
  },
  {
    key: 'T-7',
    title: 'Describe the functions in the README',
    phase: 'Release',
    priority: 3,
    dependsOn: ['T-5', 'T-6'],
    paths: ['README.md'],
    words: 'List quote, validate, label and cheapest in README.md, one line each.',
    script: [
      { wait: 2_400 },
      {
        append: {
          path: 'README.md',
          text: '\n| function | for |\n|---|---|\n| `quote(parcel)` | the price in euros |\n| `label(parcel)` | the two lines of a label |\n| `cheapest(parcel)` | who delivers, and for how much |\n',
        },
      },
      { wait: 2_000 },
      { say: 'The README lists the functions.' },
    ],
  },
  {
    key: 'T-8',
    title: 'Write the change log',
    phase: 'Release',
    priority: 4,
    dependsOn: ['T-4', 'T-7'],
    paths: ['CHANGELOG.md'],
    words: 'Write CHANGELOG.md from the history. Ask before you read the history.',
    script: [
      { say: 'I need the history for this, and ask first.' },
      {
        ask: {
          title: 'Wants to write CHANGELOG.md from the history',
          command: "git log --first-parent --format='- %s' > CHANGELOG.md",
        },
      },
      { wait: 1_600 },
      { say: 'The change log lists what was merged.' },
    ],
  },
];

/** The tasks as a plan would give them. */
export const sampleTasks: readonly TaskSpec[] = tasks.map(({ words, script, rework, ...spec }) =>
  taskSpecSchema.parse({
    ...spec,
    prompt: [words, block('demo', script), ...(rework ? [block('demo rework', rework)] : [])].join('\n\n'),
  }),
);
