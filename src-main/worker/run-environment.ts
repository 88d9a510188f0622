/** Joins what a run inherits with what it is given. Pure. */

/**
 * `given` above `inherited`, but for settings of git's that are numbered (`GIT_CONFIG_COUNT`, see
 * git-config(1)): those of `given` are added behind the inherited ones, which would be lost
 * otherwise; of two for the same key git takes the later.
 */
export function runEnvironment(
  inherited: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const joined = { ...inherited, ...given };
  const [before, added] = [settingsOf(inherited), settingsOf(given)];
  if (added.length === 0) return joined;
  const all = [...before, ...added];
  all.forEach(([key, value], at) => {
    joined[`GIT_CONFIG_KEY_${at}`] = key;
    joined[`GIT_CONFIG_VALUE_${at}`] = value;
  });
  joined['GIT_CONFIG_COUNT'] = String(all.length);
  return joined;
}

/** None where the numbers are not whole, which git itself would refuse. */
function settingsOf(environment: Readonly<Record<string, string>>): [key: string, value: string][] {
  const count = Number(environment['GIT_CONFIG_COUNT'] ?? 0);
  const settings: [string, string][] = [];
  for (let at = 0; at < count; at += 1) {
    const key = environment[`GIT_CONFIG_KEY_${at}`];
    const value = environment[`GIT_CONFIG_VALUE_${at}`];
    if (key === undefined || value === undefined) return [];
    settings.push([key, value]);
  }
  return settings;
}
