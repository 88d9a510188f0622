import { expect, test } from 'vitest';
import type { HostView, ProjectView } from '#shared/contract/views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { projectToShow } from './current-project.ts';

const host = { startedAtMs: 100, asked: null } as HostView;
const project = (id: string, openedAtMs: number): ProjectView => ({ id, openedAtMs }) as ProjectView;

test('shows the project that was shown last, while it is on the list', () => {
  expect(projectToShow([project('a', 1), project('b', 2)], host, 'a' as ProjectId, 0)).toBe('a');
});

test('shows what was opened since the host started, the newest first', () => {
  expect(projectToShow([project('a', 1), project('b', 150), project('c', 200)], host, 'gone' as ProjectId, 0)).toBe(
    'c',
  );
});

test('shows none when all are of earlier', () => {
  expect(projectToShow([project('a', 1)], host, null, 0)).toBeNull();
  expect(projectToShow([], host, 'a' as ProjectId, 0)).toBeNull();
});

test('shows what another start asked for once, and what the person chose since', () => {
  const projects = [project('a', 150), project('b', 200)];
  const asking = { startedAtMs: 100, asked: { projectId: 'b', atMs: 200 } } as HostView;
  expect(projectToShow(projects, asking, 'a' as ProjectId, 150)).toBe('b');
  expect(projectToShow(projects, asking, 'a' as ProjectId, 200)).toBe('a');
  // It is named before it is on the list.
  expect(projectToShow([project('a', 150)], asking, 'a' as ProjectId, 150)).toBe('a');
});
