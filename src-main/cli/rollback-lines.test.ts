import { expect, it } from 'vitest';
import type { RollbackPlan } from '#shared/model/checkpoint.ts';
import { rollbackLines, takenBackText } from './rollback-lines.ts';

const plan = (change: object): RollbackPlan =>
  ({
    title: 'Roll back to after T-19',
    commits: [],
    files: { count: 3, added: 1, removed: 2, sample: [] },
    services: [],
    lanes: [],
    tasks: [],
    warnings: [],
    ...change,
  }) as unknown as RollbackPlan;

const commit = { commit: 'b7719e0'.padEnd(40, '0'), taskKey: 'T-21', subject: 'Merge T-21: Trace', files: 6 };
const service = { name: 'api', fromRevision: 15, toRevision: 14, strategy: 'rolling', note: '3 replicas' };

it('lists commits, services, lanes, tasks and warnings', () => {
  const full = plan({
    commits: [commit],
    services: [service, { ...service, name: 'db', fromRevision: null, note: null }],
    lanes: [{ number: 7, title: 'Split' }],
    tasks: [{ key: 'T-21', title: 'Trace' }],
    warnings: ['api has written to data.'],
  });
  expect(rollbackLines(full)).toEqual([
    'Roll back to after T-19',
    '  reverts b7719e0  Merge T-21: Trace  (6 files)',
    '  3 files change, +1 -2',
    '  api goes from revision 15 to 14  (3 replicas)',
    '  db gets revision 14  (rolling)',
    '  interrupts lane 7  Split',
    '  opens T-21 again  Trace',
    '  note: api has written to data.',
    'Nothing was changed. Add --yes to do it.',
  ]);
  expect(takenBackText(full)).toBe('1 merge and 2 deploys');
});

it('says that there is nothing to do', () => {
  expect(rollbackLines(plan({})).at(-1)).toContain('There is nothing to roll back');
  expect(takenBackText(plan({ services: [service] }))).toBe('1 deploy');
});
