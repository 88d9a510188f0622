/** Checks what was read of a service by the schema of specs, and says problems where they stand in the file. */
import type { z } from 'zod';
import { expectationOf } from '#shared/model/schema-expectation.ts';
import { type ServiceSpec, serviceSpecSchema } from '#shared/model/service-spec.ts';
import { unknownKey } from './word.ts';
import type { YamlValue } from './yaml-source.ts';

/** The spec, checked; undefined once its problems were reported where they stand. `fallback` is where it is else. */
export function checkedSpec(read: Record<string, unknown>, fallback: YamlValue): ServiceSpec | undefined {
  const spec = serviceSpecSchema.safeParse(read);
  if (spec.success) return spec.data;
  for (const issue of spec.error.issues) reportIssue(issue, read, fallback);
  return undefined;
}

function reportIssue(issue: z.core.$ZodIssue, read: unknown, fallback: YamlValue): void {
  let at = fallback;
  let part: unknown = read;
  for (const key of issue.path) {
    if (typeof part !== 'object' || part === null) break;
    at = fallback.source.origins.get(part)?.get(key) ?? at;
    part = (part as Record<PropertyKey, unknown>)[key];
  }
  if (issue.code === 'unrecognized_keys') {
    at.report(unknownKey(issue.keys.join(', '), 'This', []));
    return;
  }
  const label = at.label === '' || at === fallback ? 'This' : `"${at.label}"`;
  const what = at.kind === 'scalar' ? ` is ${at.describe()}` : '';
  at.report(`${label}${what}: ${expectationOf(issue)}.`);
}
