/**
 * The system's keychain through the program that comes with it. The value is on its standard input,
 * never on a command line, where everybody could read it.
 */
import { spawn } from 'node:child_process';
import { GantryError } from '#shared/contract/error.ts';
import type { KeyStore } from './key-ring.ts';

const service = 'Gantry';
/** A keychain that is locked may ask the person first. */
const answerMs = 30_000;

interface Answer {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** How to talk to one keychain. */
interface Program {
  readonly keptIn: string;
  readonly lookUp: readonly string[];
  readonly store: { readonly command: readonly string[]; readonly input: (value: string) => string };
  /** Nothing is kept under this account; otherwise a failure says why. */
  readonly isEmpty: (answer: Answer) => boolean;
}

/** The Secret Service of a Linux desktop (GNOME Keyring, KWallet), through libsecret's `secret-tool`. */
export function secretService(account: string, env: NodeJS.ProcessEnv = process.env): KeyStore {
  const attributes = ['service', service, 'account', account];
  return through(
    {
      keptIn: 'the desktop’s keyring',
      lookUp: ['secret-tool', 'lookup', ...attributes],
      store: {
        command: ['secret-tool', 'store', '--label=Gantry: master keys of secrets', ...attributes],
        input: (value) => value,
      },
      isEmpty: ({ exitCode, errors }) => exitCode === 1 && errors === '',
    },
    env,
  );
}

/** The login keychain of macOS, through `security`. */
export function macosKeychain(account: string, env: NodeJS.ProcessEnv = process.env): KeyStore {
  const item = ['-s', service, '-a', account];
  return through(
    {
      keptIn: 'the login keychain',
      lookUp: ['security', 'find-generic-password', ...item, '-w'],
      // Its commands can be read from its input, and so can the value.
      store: {
        command: ['security', '-i'],
        input: (value) => `add-generic-password -U ${item.join(' ')} -w ${value}\n`,
      },
      isEmpty: ({ exitCode }) => exitCode === 44,
    },
    env,
  );
}

function through({ keptIn, lookUp, store, isEmpty }: Program, env: NodeJS.ProcessEnv): KeyStore {
  const read = async (): Promise<string | null> => {
    const answer = await run(lookUp, '', env, keptIn);
    if (answer.exitCode === 0 && answer.output !== '') return Buffer.from(answer.output, 'base64').toString('utf8');
    if (answer.exitCode === 0 || isEmpty(answer)) return null;
    throw silent(keptIn, answer.errors || `exit code ${answer.exitCode}`);
  };
  return {
    keptIn,
    read,
    async write(text) {
      // One word of letters and digits: no program has a meaning of its own for any of it.
      const answer = await run(store.command, store.input(Buffer.from(text).toString('base64')), env, keptIn);
      if (answer.exitCode !== 0) throw silent(keptIn, answer.errors || `exit code ${answer.exitCode}`);
      if ((await read()) !== text) throw silent(keptIn, 'it gave back something else than it was given');
    },
  };
}

function silent(keptIn: string, why: string): GantryError {
  return new GantryError(
    'unavailable',
    `The master keys in ${keptIn} cannot be reached: ${why}. Nothing was lost: unlock it and start Gantry again. Services that need no secrets are not affected.`,
  );
}

function run(command: readonly string[], input: string, env: NodeJS.ProcessEnv, keptIn: string): Promise<Answer> {
  const [program = '', ...parameters] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { env, stdio: 'pipe', timeout: answerMs });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => output.push(part));
    child.stderr.on('data', (part: Buffer) => errors.push(part));
    child.once('error', (error) => reject(silent(keptIn, error.message)));
    child.once('close', (exitCode) =>
      resolve({
        exitCode,
        output: Buffer.concat(output).toString('utf8').trim(),
        errors: Buffer.concat(errors).toString('utf8').trim(),
      }),
    );
    // One that ended before it read everything says why by its exit.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
