import { ok } from '#shared/base/result.ts';
import type { Rule } from './step.ts';

export const putSetting: Rule<'setting.put'> = ({ tables }, { key, value }) => {
  tables.setting.put({ key, value });
  return ok(null);
};
