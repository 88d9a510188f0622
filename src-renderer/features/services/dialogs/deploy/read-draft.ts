/** Reads what was typed into the form of a service, by the schema of specs. */
import { parseDuration, parseSize } from '#shared/base/quantities.ts';
import { shellWords } from '#shared/base/shell-words.ts';
import { expectationOf } from '#shared/model/schema-expectation.ts';
import { type ServiceSpec, serviceSpecSchema } from '#shared/model/service-spec.ts';
import type { MountDraft, PortDraft, ServiceDraft, UpdateDraft } from './service-draft.ts';

/** What is wrong, by the place in the spec: `ports.0.containerPort`. Rows count as they stand in the form. */
export type DraftProblems = Readonly<Record<string, string>>;

export type DraftRead =
  | { readonly ok: true; readonly spec: ServiceSpec }
  | { readonly ok: false; readonly problems: DraftProblems };

/** Reads a draft; `base` gives what the form does not show, and null the defaults. */
export function readDraft(draft: ServiceDraft, base: ServiceSpec | null): DraftRead {
  const reader = new DraftReader();
  const input = reader.spec(draft, base);
  const parsed = serviceSpecSchema.safeParse(input);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      reader.report(reader.placeOf(issue.path), sentence(expectationOf(issue)));
    }
  }
  if (parsed.success && reader.isRight) return { ok: true, spec: parsed.data };
  return { ok: false, problems: reader.problems };
}

class DraftReader {
  readonly problems: Record<string, string> = {};
  /** By list, the rows of the form that its items came from: empty rows are left out. */
  readonly #rows = new Map<string, readonly number[]>();

  get isRight(): boolean {
    return Object.keys(this.problems).length === 0;
  }

  /** The first thing said of a place is the one that counts. */
  report(place: string, message: string): void {
    this.problems[place] ??= message;
  }

  /** Where the form shows a path of the spec. */
  placeOf(path: readonly PropertyKey[]): string {
    const [list, at] = path;
    if (list === 'dependsOn' || list === 'command') return list;
    if (list === 'health' && path[2] === 'command') return 'health.probe.command';
    const rows = this.#rows.get(String(list));
    if (rows !== undefined && typeof at === 'number') {
      return [list, rows[at] ?? at, ...path.slice(2)].map(String).join('.');
    }
    return path.map(String).join('.');
  }

  spec(draft: ServiceDraft, base: ServiceSpec | null): unknown {
    return {
      ...base,
      name: draft.name.trim(),
      image: this.#image(draft, base),
      mode: draft.isGlobal
        ? { kind: 'global' }
        : { kind: 'replicated', replicas: this.#number('mode.replicas', draft.replicas) },
      command: this.#command('command', draft.command),
      dependsOn: namesIn(draft.dependsOn),
      env: this.#env(draft),
      ports: this.#list('ports', draft.ports, ({ containerPort }) => containerPort, this.#port),
      routes: this.#list(
        'routes',
        draft.routes,
        ({ host, containerPort }) => host + containerPort,
        (row, place) => ({
          host: orNull(row.host),
          path: row.path.trim(),
          containerPort: this.#number(`${place}.containerPort`, row.containerPort),
          certificate: orNull(row.certificate),
        }),
      ),
      mounts: this.#list('mounts', draft.mounts, ({ source, target }) => source + target, this.#mount),
      secrets: this.#list(
        'secrets',
        draft.secrets,
        ({ secret, file }) => secret + file,
        ({ secret, file }) => ({ secret: secret.trim(), file: orNull(file) }),
      ),
      configs: this.#list(
        'configs',
        draft.configs,
        ({ config, target }) => config + target,
        ({ config, target }) => ({ config: config.trim(), target: target.trim() }),
      ),
      limits: {
        cpus: this.#optional('limits.cpus', draft.cpus, this.#number),
        memoryBytes: this.#optional('limits.memoryBytes', draft.memory, this.#size),
        pids: this.#optional('limits.pids', draft.pids, this.#number),
      },
      health: this.#health(draft),
      update: { ...base?.update, ...this.#update(draft.update) },
    };
  }

  #image(draft: ServiceDraft, base: ServiceSpec | null): unknown {
    if (draft.source === 'image') return { kind: 'image', reference: draft.reference.trim() };
    return {
      kind: 'build',
      context: draft.context.trim(),
      dockerfile: draft.dockerfile.trim(),
      target: orNull(draft.target),
      args: base?.image.kind === 'build' ? base.image.args : {},
    };
  }

  #env({ env }: ServiceDraft): Record<string, string> {
    const read: Record<string, string> = {};
    env.forEach(({ name, value }, at) => {
      if (name.trim() === '' && value === '') return;
      const place = `env.${at}.name`;
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name.trim())) {
        this.report(place, 'Expected a name of letters, digits and underscores.');
      } else if (name.trim() in read) this.report(place, 'This name is there twice.');
      else read[name.trim()] = value;
    });
    return read;
  }

  readonly #port = (row: PortDraft, place: string): unknown => ({
    containerPort: this.#number(`${place}.containerPort`, row.containerPort),
    protocol: row.protocol,
    publish:
      row.publish === 'no'
        ? null
        : {
            address: row.address.trim(),
            port: row.publish === 'any' ? null : this.#number(`${place}.publish.port`, row.hostPort),
          },
  });

  readonly #mount = ({ kind, source, target, readOnly }: MountDraft, place: string): unknown => {
    if (kind === 'tmpfs') {
      return { kind, target: target.trim(), sizeBytes: this.#optional(`${place}.sizeBytes`, source, this.#size) };
    }
    const from = kind === 'volume' ? { volume: source.trim() } : { source: source.trim() };
    return { kind, ...from, target: target.trim(), readOnly };
  };

  #health({ health }: ServiceDraft): unknown {
    if (health.kind === 'none') return null;
    const port = (): number | undefined => this.#number('health.probe.port', health.port);
    return {
      probe:
        health.kind === 'http'
          ? { kind: 'http', port: port(), path: health.path.trim() }
          : health.kind === 'tcp'
            ? { kind: 'tcp', port: port() }
            : { kind: 'exec', command: this.#command('health.probe.command', health.command) ?? [] },
      intervalMs: this.#duration('health.intervalMs', health.interval),
      timeoutMs: this.#duration('health.timeoutMs', health.timeout),
      retries: this.#number('health.retries', health.retries),
      startPeriodMs: this.#duration('health.startPeriodMs', health.startPeriod),
    };
  }

  #update(update: UpdateDraft): object {
    return {
      strategy: update.strategy,
      order: update.order,
      onFailure: update.onFailure,
      parallelism: this.#number('update.parallelism', update.parallelism),
      delayMs: this.#duration('update.delayMs', update.delay),
      monitorMs: this.#duration('update.monitorMs', update.monitor),
      healthDeadlineMs: this.#duration('update.healthDeadlineMs', update.healthDeadline),
      drainMs: this.#duration('update.drainMs', update.drain),
      keepPreviousMs: this.#duration('update.keepPreviousMs', update.keepPrevious),
      canarySteps: update.steps.map(({ weight, hold }, at) => ({
        weightPercent: this.#number(`update.canarySteps.${at}.weightPercent`, weight),
        holdMs: this.#optional(`update.canarySteps.${at}.holdMs`, hold, this.#duration),
      })),
      limits: {
        errorPercentMax: this.#optional('update.limits.errorPercentMax', update.errorPercentMax, this.#number),
        p99MsMax: this.#optional('update.limits.p99MsMax', update.p99MsMax, this.#number),
        restartsMax: this.#optional('update.limits.restartsMax', update.restartsMax, this.#number),
      },
    };
  }

  #list<Row>(
    name: string,
    rows: readonly Row[],
    said: (row: Row) => string,
    read: (row: Row, place: string) => unknown,
  ): unknown[] {
    const kept = rows.map((row, at) => ({ row, at })).filter(({ row }) => said(row).trim() !== '');
    this.#rows.set(
      name,
      kept.map(({ at }) => at),
    );
    return kept.map(({ row, at }) => read(row, `${name}.${at}`));
  }

  #optional<Value>(
    place: string,
    text: string,
    read: (place: string, text: string) => Value | undefined,
  ): Value | undefined | null {
    return text.trim() === '' ? null : read(place, text);
  }

  readonly #number = (place: string, text: string): number | undefined => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    this.report(place, 'Expected a number.');
    return undefined;
  };

  readonly #duration = (place: string, text: string): number | undefined => {
    const value = parseDuration(text.trim());
    if (value === null) this.report(place, 'Expected a duration with its unit, such as 10s or 1m30s.');
    return value ?? undefined;
  };

  readonly #size = (place: string, text: string): number | undefined => {
    const value = parseSize(text.trim());
    if (value === null) this.report(place, 'Expected a size with its unit, such as 256MB.');
    return value ?? undefined;
  };

  #command(place: string, text: string): string[] | null {
    if (text.trim() === '') return null;
    const words = shellWords(text);
    if (words === null) this.report(place, 'A quotation mark is not closed.');
    return words;
  }
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

function namesIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, '')}.`;
}
