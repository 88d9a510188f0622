/**
 * Logins for registries, as `docker login` keeps them: in `config.json`, or with a credential
 * helper. They go into the header of one request and nowhere else.
 */
import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { z } from 'zod';
import { type EngineSurroundings, dockerFolder } from './engine-endpoint.ts';
import { hubLogin } from './image-reference.ts';

/** What the engine passes on to a registry. */
export interface RegistryLogin {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

const helperMs = 10_000;
const helperOutputBytesMax = 64 * 1_024;
/** A helper's user name for tokens. */
const tokenUser = '<token>';

const configSchema = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
      }),
    )
    .default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
});
type LoginConfig = z.infer<typeof configSchema>;
const helperSchema = z.object({ Username: z.string(), Secret: z.string() });

/** Asks the credential helper `docker-credential-<name>`; null if it has none. */
export type AskHelper = (helper: string, registry: string) => Promise<string | null>;

export interface RegistryLogins {
  /** The login for a registry as `registryOf` names it; null if there is none. */
  find(registry: string): Promise<RegistryLogin | null>;
  /** All of them, for a build: which it needs, only its file says. */
  all(): Promise<Record<string, RegistryLogin>>;
}

/** Reads logins anew each time: people log in while Gantry runs. */
export function registryLogins(
  surroundings: EngineSurroundings,
  askHelper: AskHelper = helperAsker(surroundings),
): RegistryLogins {
  const read = (): LoginConfig => {
    const text = surroundings.readText(`${dockerFolder(surroundings)}/config.json`);
    const parsed = configSchema.safeParse(text === null ? {} : parseJson(text));
    return parsed.success ? parsed.data : configSchema.parse({});
  };
  const find = async (config: LoginConfig, registry: string): Promise<RegistryLogin | null> => {
    const helper = config.credHelpers[registry] ?? config.credsStore;
    if (helper !== undefined) {
      const answer = helperSchema.safeParse(parseJson((await askHelper(helper, registry)) ?? ''));
      if (answer.success) {
        const { Username: username, Secret: secret } = answer.data;
        return username === tokenUser
          ? { identitytoken: secret, serveraddress: registry }
          : { username, password: secret, serveraddress: registry };
      }
    }
    const key = Object.keys(config.auths).find((address) => hostOf(address) === hostOf(registry));
    const login = key === undefined ? undefined : config.auths[key];
    if (login === undefined) return null;
    const [user, ...rest] = Buffer.from(login.auth ?? '', 'base64')
      .toString()
      .split(':');
    const username = login.username ?? user ?? '';
    const password = login.password ?? rest.join(':');
    if (username === '' && login.identitytoken === undefined) return null;
    return {
      username,
      password,
      serveraddress: registry,
      ...(login.identitytoken ? { identitytoken: login.identitytoken } : {}),
    };
  };
  return {
    find: (registry) => find(read(), registry),
    async all() {
      const config = read();
      const registries = new Set([...Object.keys(config.auths), ...Object.keys(config.credHelpers)]);
      const logins: Record<string, RegistryLogin> = {};
      for (const registry of registries) {
        const login = await find(config, registry);
        if (login !== null) logins[registry] = login;
      }
      return logins;
    },
  };
}

/** A login as the header `X-Registry-Auth` or `X-Registry-Config` has it. */
export function loginHeader(login: object): string {
  return Buffer.from(JSON.stringify(login)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** `https://host/v1/` and `host` are the same registry; Docker Hub has several names. */
function hostOf(registry: string): string {
  const host = registry.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return host === 'docker.io' || host === 'registry-1.docker.io' ? hostOf(hubLogin) : host;
}

function helperAsker({ env, platform, homeFolder }: EngineSurroundings): AskHelper {
  // A program that was started from the Dock does not have the path of a shell.
  const more = platform === 'darwin' ? ['/usr/local/bin', '/opt/homebrew/bin', `${homeFolder}/.docker/bin`] : [];
  const path = [...(env['PATH'] ? [env['PATH']] : []), ...more].join(delimiter);
  return (helper, registry) =>
    new Promise((resolve) => {
      const child = spawn(`docker-credential-${helper}`, ['get'], {
        env: { ...env, PATH: path },
        stdio: ['pipe', 'pipe', 'ignore'],
        timeout: helperMs,
        windowsHide: true,
      });
      const output: Buffer[] = [];
      let outputBytes = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        outputBytes += chunk.byteLength;
        if (outputBytes > helperOutputBytesMax) child.kill();
        else output.push(chunk);
      });
      // Not installed, or it ends before it was asked: it knows no login then.
      child.on('error', () => resolve(null));
      child.stdin.on('error', () => resolve(null));
      child.on('close', (code) => resolve(code === 0 ? Buffer.concat(output).toString() : null));
      child.stdin.end(registry);
    });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A damaged file or a helper's complaint holds no login.
    return null;
  }
}
