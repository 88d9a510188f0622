/** `healthcheck:` of a Compose service. */
import type { ServicePort } from '#shared/model/service-spec.ts';
import { shellWords } from '#shared/base/shell-words.ts';
import { commandLine, duration, listOf, text, wrong } from '../word.ts';
import type { YamlValue } from '../yaml-source.ts';
import type { ComposeContext } from './compose-context.ts';

/** How long Compose lets a check take when the file does not say. */
const composeTimeoutMs = 30_000;

/** Null for none; undefined once a problem was reported. `ports` are those that the service answers on. */
export function readHealth(
  context: ComposeContext,
  place: string,
  value: YamlValue,
  ports: readonly ServicePort[],
): Record<string, unknown> | null | undefined {
  if (value.kind !== 'map') return wrong(value, 'a mapping with test');
  const test = value.get('test');
  if (value.get('disable')?.text === 'true' || isNone(test)) return null;
  if (test === null) {
    context.leaveOut(`${place}.healthcheck`, value, 'it has no test; what the image itself says is not taken over.');
    return null;
  }
  const command = commandOf(test);
  if (command === undefined) return undefined;
  const check: Record<string, unknown> = {
    probe: asHttpProbe(command, ports) ?? { kind: 'exec', command },
    timeoutMs: composeTimeoutMs,
  };
  for (const { key, keyAt, value: given } of value.entries()) {
    if (key === 'interval') check['intervalMs'] = duration.read(given);
    else if (key === 'timeout') check['timeoutMs'] = duration.read(given);
    else if (key === 'start_period') check['startPeriodMs'] = duration.read(given);
    else if (key === 'retries') check['retries'] = context.number(given);
    else if (key !== 'test' && key !== 'disable') {
      context.leaveOut(`${place}.healthcheck.${key}`, keyAt, 'Gantry checks at one interval from the start.');
    }
  }
  return check;
}

function isNone(test: YamlValue | null): boolean {
  return test?.kind === 'list' && test.items()[0]?.text === 'NONE';
}

function commandOf(test: YamlValue): readonly string[] | undefined {
  if (test.kind === 'scalar') return ['/bin/sh', '-c', test.text ?? ''];
  const words = listOf(text).read(test) as (string | undefined)[] | undefined;
  if (words === undefined || words.includes(undefined)) return undefined;
  const [how, ...rest] = words as string[];
  if (how === 'CMD' && rest.length > 0) return rest;
  if (how === 'CMD-SHELL' && rest.length === 1) return ['/bin/sh', '-c', rest[0] ?? ''];
  return wrong(test, `a text, or ${commandLine.expected} that begins with CMD, CMD-SHELL or NONE`);
}

/**
 * The same check by HTTP, which needs no curl in the image and takes the way of the traffic. Only
 * where it is certain: curl or wget with nothing but flags that change no request, at a port on
 * which the service answers HTTP.
 */
function asHttpProbe(command: readonly string[], ports: readonly ServicePort[]) {
  const isShell = command[0] === '/bin/sh';
  const words = isShell ? shellWords((command[2] ?? '').replace(/\s*\|\|\s*exit 1\s*;?\s*$/, '')) : command;
  const [program, ...rest] = words ?? [];
  const url = rest.at(-1) ?? '';
  const flags = rest.slice(0, -1);
  const isCurl = program === 'curl' && flags.every((flag) => /^(-[fsS]+|--fail|--silent|--show-error)$/.test(flag));
  const isWget = program === 'wget' && flags.every((flag) => /^(-q|--quiet|--spider|--no-verbose|-nv)$/.test(flag));
  const fails = isWget || flags.some((flag) => flag === '--fail' || /^-[sS]*f/.test(flag));
  const match = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::(\d+))?(\/[\w./-]*)?$/.exec(url);
  if (!(isCurl || isWget) || !fails || match === null) return null;
  const port = Number(match[1] ?? 80);
  const isServed = ports.some((each) => each.containerPort === port && each.protocol === 'http');
  return isServed ? { kind: 'http', port, path: match[2] ?? '/' } : null;
}
