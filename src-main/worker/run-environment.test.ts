import { expect, it } from 'vitest';
import { runEnvironment } from './run-environment.ts';

const signing = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'commit.gpgSign', GIT_CONFIG_VALUE_0: 'false' };

it('puts what is given above what is inherited', () => {
  expect(runEnvironment({ A: '1', B: '1' }, { B: '2' })).toEqual({ A: '1', B: '2' });
});

it('adds settings of git behind those that are inherited', () => {
  const inherited = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };
  expect(runEnvironment(inherited, signing)).toEqual({
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    GIT_CONFIG_KEY_1: 'commit.gpgSign',
    GIT_CONFIG_VALUE_1: 'false',
  });
  expect(runEnvironment(inherited, {})).toEqual(inherited);
});

it.each([{ GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'a.b' }, { GIT_CONFIG_COUNT: 'many' }])(
  'drops inherited settings that git would refuse: %j',
  (broken) => {
    expect(runEnvironment(broken, signing)).toMatchObject(signing);
  },
);
