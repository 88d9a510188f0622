import { expect, test } from 'vitest';
import type { HostView, ProjectView } from '#shared/contract/views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { projectToShow } from './current-project.ts';

const host = { startedAtMs: 100 } as HostView;
const project = (id: string, openedAtMs: number): ProjectView => ({ id, openedAtMs }) as ProjectView;

test('shows the project that was shown last, while it is on the list', () => {
  expect(projectToShow([project('a', 1), project('b', 2)], host, 'a' as ProjectId)).toBe('a');
});

test('shows what was opened since the host started, the newest first', () => {
  expect(projectToShow([project('a', 1), project('b', 150), project('c', 200)], host, 'gone' as ProjectId)).toBe('c');
});

test('shows none when all are of earlier', () => {
  expect(projectToShow([project('a', 1)], host, null)).toBeNull();
  expect(projectToShow([], host, 'a' as ProjectId)).toBeNull();
});
