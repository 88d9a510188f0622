/** The commands about services and what they are given: what the reader, the help text and the completions go by. */

/** Options by name; those with `value` take one. */
export const serviceOptions = {
  file: { value: 'FILE', about: 'the file to apply' },
  compose: { value: null, about: 'the file is a Compose file' },
  'dry-run': { value: null, about: 'show what would change, and change nothing' },
  yes: { value: null, about: 'do not ask' },
  detach: { value: null, about: 'do not wait for the end' },
  stack: { value: 'STACK', about: 'main, or lane-N for a preview (default main)' },
  repo: { value: 'DIR', about: 'the repository whose services are meant' },
  project: { value: 'NAME', about: 'the project, where several are open' },
  home: { value: 'DIR', about: "Gantry's data folder" },
  json: { value: null, about: 'machine-readable output' },
  follow: { value: null, about: 'go on as new lines come' },
  since: { value: 'TIME', about: 'only lines after this: 10m ago, or an ISO time' },
  search: { value: 'TEXT', about: 'only lines that contain this' },
  tail: { value: 'LINES', about: 'how many lines of before (default 200)' },
  to: { value: 'REVISION', about: 'the revision to go back to (default: the one before)' },
  image: { value: 'REF', about: 'the image to deploy' },
  env: { value: 'NAME=TEXT', about: 'set a variable; may be given several times' },
  replica: { value: 'NAME', about: 'which replica (default: the first that is healthy)' },
  rate: { value: 'N', about: 'requests a second (default 200)' },
  for: { value: 'TIME', about: 'how long, such as 60s (default 30s)' },
  path: { value: 'PATH', about: 'what is asked for (default /)' },
  'from-file': { value: 'FILE', about: 'take the value from a file instead of standard input' },
  backup: { value: 'ID', about: 'the backup to put back (default: the newest)' },
  'without-backup': { value: null, about: 'make no backup before' },
  endpoint: { value: 'URL', about: 'unix:///…, tcp://… or npipe://… of its engine' },
  label: { value: 'NAME=TEXT', about: 'a label for placing; may be given several times' },
  volumes: { value: null, about: 'also volumes that nothing uses' },
  service: { value: 'NAME', about: 'only this service; may be given several times' },
} as const satisfies Record<string, { value: string | null; about: string }>;
export type ServiceOption = keyof typeof serviceOptions;

/** Options that may be given several times. */
export const repeatedOptions: readonly ServiceOption[] = ['env', 'label', 'service'];
/** What every command takes. */
export const commonOptions: readonly ServiceOption[] = ['json', 'project', 'repo', 'home'];

/** One command. */
export interface CommandShape {
  /** `service scale`. */
  readonly words: string;
  readonly operands: readonly string[];
  /** What follows `--`: a command for a replica. */
  readonly takesRest?: boolean;
  readonly options: readonly ServiceOption[];
  readonly about: string;
  /** Shows something and changes nothing. */
  readonly isLook?: boolean;
  /** What `-f` means here. */
  readonly short?: ServiceOption;
}

const changing: readonly ServiceOption[] = ['stack', 'detach'];

export const serviceCommands = [
  {
    words: 'apply',
    operands: [],
    options: ['file', 'compose', 'dry-run', 'yes', 'detach', 'stack'],
    short: 'file',
    about: 'make what a file says so: shows what changes, asks, and waits for the rollouts',
  },
  { words: 'service ls', operands: [], options: ['stack'], isLook: true, about: 'the services' },
  {
    words: 'service show',
    operands: ['NAME'],
    options: ['stack'],
    isLook: true,
    about: 'one service: replicas, revisions',
  },
  {
    words: 'service deploy',
    operands: ['NAME'],
    options: ['image', 'env', 'yes', 'dry-run', ...changing],
    about: 'a new revision with another image or other variables',
  },
  {
    words: 'service logs',
    operands: ['NAME'],
    options: ['follow', 'since', 'search', 'tail', 'stack'],
    short: 'follow',
    isLook: true,
    about: 'its log, all replicas merged by time',
  },
  { words: 'service scale', operands: ['NAME', 'REPLICAS'], options: changing, about: 'run another number of it' },
  {
    words: 'service rollback',
    operands: ['NAME'],
    options: ['to', ...changing],
    about: 'go back to an older revision',
  },
  {
    words: 'service restart',
    operands: ['NAME'],
    options: changing,
    about: 'replace its replicas, one batch after another',
  },
  { words: 'service pause', operands: ['NAME'], options: ['stack'], about: 'hold its rollout' },
  { words: 'service resume', operands: ['NAME'], options: changing, about: 'let a held rollout go on' },
  { words: 'service promote', operands: ['NAME'], options: changing, about: 'give the new revision all traffic now' },
  { words: 'service abort', operands: ['NAME'], options: changing, about: 'end its rollout and go back' },
  { words: 'service rm', operands: ['NAME'], options: ['yes', 'stack'], about: 'take it away; volumes stay' },
  {
    words: 'service exec',
    operands: ['NAME'],
    takesRest: true,
    options: ['replica', 'stack'],
    about: 'run a command in a replica: gantry service exec api -- ls /',
  },
  {
    words: 'service export',
    operands: [],
    options: ['compose', 'stack'],
    isLook: true,
    about: 'the stack as a file for apply',
  },
  {
    words: 'service prove',
    operands: ['NAME'],
    options: ['rate', 'for', 'path', 'stack'],
    about: 'a constant load on it, with every failed request counted',
  },
  {
    words: 'secret set',
    operands: ['NAME'],
    options: ['from-file'],
    about: 'set a secret from standard input or a file',
  },
  { words: 'secret ls', operands: [], options: [], isLook: true, about: 'the secrets, without their values' },
  { words: 'secret rm', operands: ['NAME'], options: [], about: 'remove a secret that nothing uses' },
  {
    words: 'secret rollout',
    operands: ['NAME'],
    options: ['detach'],
    about: 'bring its newest version to all that use it',
  },
  { words: 'secret rotate-key', operands: [], options: [], about: 'seal all secrets under a new master key' },
  {
    words: 'config set',
    operands: ['NAME'],
    options: ['from-file'],
    about: 'set a config from standard input or a file',
  },
  { words: 'config ls', operands: [], options: [], isLook: true, about: 'the configs' },
  { words: 'config rm', operands: ['NAME'], options: [], about: 'remove a config that nothing uses' },
  { words: 'volume ls', operands: [], options: [], isLook: true, about: 'the volumes and their backups' },
  { words: 'volume backup', operands: ['NAME'], options: ['stack'], about: 'back a volume up' },
  { words: 'volume restore', operands: ['NAME'], options: ['stack', 'backup', 'yes'], about: 'put a backup back' },
  {
    words: 'volume rm',
    operands: ['NAME'],
    options: ['stack', 'without-backup', 'yes'],
    about: 'remove a volume and its data',
  },
  { words: 'node ls', operands: [], options: [], isLook: true, about: 'the machines that services run on' },
  {
    words: 'node add',
    operands: ['NAME'],
    options: ['endpoint', 'label'],
    about: 'add a machine, or change its labels',
  },
  { words: 'node rm', operands: ['NAME'], options: ['yes'], about: 'forget a machine' },
  { words: 'node drain', operands: ['NAME'], options: [], about: 'move everything off a machine' },
  { words: 'node activate', operands: ['NAME'], options: [], about: 'use a drained machine again' },
  { words: 'image ls', operands: [], options: [], isLook: true, about: 'the images, and what uses them' },
  {
    words: 'image prune',
    operands: [],
    options: ['volumes', 'yes', 'dry-run'],
    about: 'remove what Gantry made and nothing needs',
  },
  { words: 'preview ls', operands: [], options: [], isLook: true, about: 'the previews' },
  {
    words: 'preview start',
    operands: ['LANE'],
    options: ['detach'],
    about: "run a lane's branch as a stack of its own, or bring it up to date",
  },
  {
    words: 'preview open',
    operands: ['LANE'],
    options: [],
    isLook: true,
    about: 'where a preview answers; opens it in the browser',
  },
  { words: 'preview stop', operands: ['LANE'], options: [], about: 'take a preview away; the branch stays' },
  {
    words: 'preview promote',
    operands: ['LANE'],
    options: ['service', 'detach'],
    about: 'roll its images out to the main stack',
  },
] as const satisfies readonly CommandShape[];
export type ServiceCommandWords = (typeof serviceCommands)[number]['words'];

/** The lines of the help text. */
export function serviceUsage(): string[] {
  return serviceCommands.map(usageLine);
}

/** What `gantry service scale --help` or, for all commands of a noun, `gantry service --help` prints. */
export function commandHelp(shapes: readonly CommandShape[]): string[] {
  const [only] = shapes;
  if (shapes.length !== 1 || only === undefined) {
    return [...shapes.map(usageLine), '', 'Any of them with --help says what it takes.'];
  }
  const names = [...new Set([...only.options, ...commonOptions])];
  return [
    `gantry ${[only.words, ...only.operands].join(' ')}${only.takesRest === true ? ' -- COMMAND…' : ''} [OPTIONS]`,
    `  ${only.about}`,
    '',
    ...names.map((name) => {
      const { value, about } = serviceOptions[name];
      const short = only.short === name ? '-f, ' : '';
      return `  ${`${short}--${name}${value === null ? '' : ` ${value}`}`.padEnd(24)} ${about}`;
    }),
  ];
}

function usageLine(shape: CommandShape): string {
  const call = ['gantry', shape.words, ...shape.operands].join(' ');
  return `  ${call.padEnd(37)}${shape.about}`;
}
