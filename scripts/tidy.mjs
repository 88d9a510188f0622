// The house rules that no linter knows: banned words, folders that become attics, files that
// grew too long, names in the wrong case, files that nothing uses. Prints each offence once.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const linesMax = 420;

/** Longer than the rule allows, each with the reason why it stays whole. */
const allowedLong = new Map([]);

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);
const sources = files.filter(
  (file) => /^(src-shared|src-main|src-renderer|e2e|bench|scripts)\//.test(file) && /\.(tsx?|mjs|css)$/.test(file),
);
const offences = [];

const banned = [
  [/\b(TODO|FIXME|XXX)\b/, 'unfinished work belongs in an issue'],
  [/@ts-(ignore|expect-error|nocheck)/, 'a silenced type check'],
  [/(oxlint|eslint|biome)-(disable|ignore)/, 'a silenced lint rule'],
  [/\bas any\b|: any\b|<any>/, '`any` turns the types off'],
  [/catch\s*(\([^)]*\))?\s*\{\s*\}/, 'a swallowed error'],
  [/\.catch\(\s*\(\)\s*=>\s*(\{\s*\}|undefined|null)\s*\)/, 'a swallowed error'],
  [/\b(it|test|describe)\.(only|todo)\(/, 'a test that hides others or does nothing'],
  [/\.localeCompare\(/, 'order that depends on the machine; compare code units'],
  [/dangerouslySetInnerHTML|\.innerHTML\s*=/, 'untrusted text must never become markup'],
];
const bannedInPure = [
  [/\bDate\.now\(|new Date\(\)/, 'a clock in a pure folder'],
  [/\bMath\.random\(/, 'chance in a pure folder'],
  [/\basync\b|\bawait\b|\bPromise\b/, 'asynchrony in a pure folder'],
];
const pure = /^src-main\/(raft\/core|coordinator\/decide)\//;
const attic = /(^|\/)(utils?|helpers?|types|common|misc|manager)\.tsx?$/;

for (const file of sources) {
  if (file === 'scripts/tidy.mjs') continue;
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n');
  const isTest = /\.(test|spec|fixture)\.tsx?$/.test(file);
  if (attic.test(file)) offences.push(`${file}: a name that says nothing; name it after its one idea`);
  const name = basename(file);
  const pascal = /^[A-Z]/.test(name) && file.endsWith('.tsx');
  if (!pascal && !/^[a-z0-9][a-z0-9.-]*$/.test(name))
    offences.push(`${file}: files are kebab-case, React components PascalCase`);
  if (lines.length > linesMax && !isTest && !allowedLong.has(file)) {
    offences.push(`${file}: ${lines.length} lines; split it by what it is about (limit ${linesMax})`);
  }
  const rules = pure.test(file) && !isTest ? [...banned, ...bannedInPure] : banned;
  lines.forEach((line, number) => {
    const code = line.replace(/^\s*(\*|\/\/).*$/, (comment) =>
      /TODO|FIXME|XXX|@ts-|disable/.test(comment) ? comment : '',
    );
    for (const [pattern, why] of rules) {
      if (pattern.test(code)) offences.push(`${file}:${number + 1}: ${why}: ${line.trim().slice(0, 90)}`);
    }
  });
}

// Nothing in the repository speaks of the place it was written in.
for (const file of files) {
  if (
    !/\.(tsx?|mjs|cjs|md|ya?ml|json|css|html|sh)$|^\.ci\//.test(file) ||
    file.endsWith('package-lock.json') ||
    file === 'scripts/tidy.mjs'
  )
    continue;
  const text = readFileSync(join(root, file), 'utf8');
  const found = /\/work\/(main|shared)|\.\.\/shared\/|mock-up store/.exec(text);
  if (found) offences.push(`${file}: a path of one machine: ${found[0]}`);
}

for (const offence of offences) console.log(offence);
process.exit(offences.length === 0 ? 0 : 1);
