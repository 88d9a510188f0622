import { expect, test } from 'vitest';
import { service } from '../service-view.fixture.ts';
import { moreEntries } from './more-entries.ts';

const reasons = (change: Parameters<typeof service>[1]): Record<string, string | null> =>
  Object.fromEntries(
    moreEntries(service('api', change), { restart: () => undefined }).flatMap((entry) =>
      entry.kind === 'item' && entry.disabledReason !== undefined ? [[entry.id, entry.disabledReason]] : [],
    ),
  );
const can = { deploy: true, scale: true, rollBack: true, remove: true };

test('the menu says why something cannot be done with a service', () => {
  expect(reasons({ can })).toEqual({ edit: null, scale: null, restart: null, remove: null });
  expect(reasons({ can: { ...can, scale: false } })).toMatchObject({ scale: 'It runs one on every host.' });
  const gone = 'It is being removed.';
  expect(reasons({ status: 'removing', can: { deploy: false, scale: false, rollBack: false, remove: false } })).toEqual(
    {
      ...{ edit: gone, scale: gone, restart: gone, remove: gone },
    },
  );
});
