import { fail, ok, type Result } from '#shared/base/result.ts';

/** The labels of a host from what a person wrote: "zone=eu disk=fast", with spaces or commas between. Fails with words. */
export function readLabels(text: string): Result<Record<string, string>, string> {
  const labels: Record<string, string> = {};
  for (const pair of text.split(/[\s,]+/).filter(Boolean)) {
    const at = pair.indexOf('=');
    if (at < 1) return fail(`“${pair}” is no label. Write a name and a value, such as zone=eu.`);
    labels[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return ok(labels);
}
