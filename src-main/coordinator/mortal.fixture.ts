/** Ports of a program that dies at a chosen moment: for tests of what a crash leaves. */
import type { Git, GitRepository } from '../ports/git.ts';
import type { ControlStore } from '../state/control-store.ts';
import type { World } from './drive/world.ts';

/** When to die: at the `at`-th call that `counts` accepts, before it does anything or after it has. */
export interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** A world whose calls are counted, and which answers nothing any more after its death. */
export interface MortalWorld {
  readonly world: World;
  /** Names of the calls that were counted, in order. */
  readonly calls: readonly string[];
  readonly died: Promise<string>;
  readonly isDead: () => boolean;
}

/** Wraps store and git. `death` null only counts. */
export function mortal(world: World, counts: (call: string) => boolean, death: Death | null): MortalWorld {
  const calls: string[] = [];
  let isDead = false;
  let announce: (call: string) => void = () => undefined;
  const died = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const never = new Promise<never>(() => undefined);

  const pass = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    if (isDead) return never;
    let isLast = false;
    if (counts(name)) {
      calls.push(name);
      isLast = death !== null && calls.length === death.at;
    }
    const die = (): Promise<never> => {
      isDead = true;
      announce(name);
      return never;
    };
    if (isLast && death?.when === 'before') return die();
    const value = await call();
    if (isLast) return die();
    return isDead ? never : value;
  };

  const store: ControlStore = {
    propose: (command) => pass(command.kind, () => world.store.propose(command)) as never,
    read: world.store.read,
    barrier: () => pass('barrier', () => world.store.barrier()),
    onDidChange: (listener) => world.store.onDidChange((set) => !isDead && listener(set)),
  };
  const git: Git = {
    version: () => world.git.version(),
    async open(path) {
      const opened = await world.git.open(path);
      return opened.ok ? { ok: true, value: mortalRepository(opened.value, pass) } : opened;
    },
  };
  return { world: { ...world, store, git }, calls, died, isDead: () => isDead };
}

type OpenedRepository = GitRepository & { readonly name: string; readonly currentBranch: never };

function mortalRepository<Repository extends GitRepository>(
  repository: Repository,
  pass: <T>(name: string, call: () => Promise<T>) => Promise<T>,
): Repository {
  return new Proxy(repository, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (property === 'watch') return method.apply(target, args);
        return pass(String(property), () => method.apply(target, args) as Promise<unknown>);
      };
    },
  }) as Repository & OpenedRepository;
}
