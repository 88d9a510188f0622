import type { TaskView } from '#shared/contract/views.ts';
import { clockTime } from '../../app/text.ts';
import { taskStatusWord } from './task-bucket.ts';

/** What is known of a task; with `words` also what it says, where that cannot be changed. */
export function TaskFacts({ task, words }: { task: TaskView; words: boolean }) {
  const { status } = task;
  const facts: readonly (readonly [string, string])[] = [
    ['State', status.state === 'merged' ? `Merged at ${clockTime(status.atMs)}` : taskStatusWord[task.shown]],
    ...(task.note === null ? [] : [['Note', task.note] as const]),
    ...(task.waitsFor.length === 0 ? [] : [['Waits for', task.waitsFor.join(', ')] as const]),
    ...(task.attempts > 1 ? [['Attempts', String(task.attempts)] as const] : []),
    ...(words && task.phase !== '' ? [['Phase', task.phase] as const] : []),
    ...(words && task.dependsOn.length > 0 ? [['Depends on', task.dependsOn.join(', ')] as const] : []),
    ...(words && task.paths.length > 0 ? [['Paths', task.paths.join(', ')] as const] : []),
    ...(words && task.gate !== null ? [['Gate', task.gate] as const] : []),
  ];
  return (
    <>
      <dl className="tfacts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {words && (
        <>
          <pre className="tfacts__prompt" tabIndex={0} aria-label="Prompt">
            {task.prompt === '' ? 'No prompt: the title says it all.' : task.prompt}
          </pre>
          <p className="tfacts__hint">Its words can be changed while nobody works on it.</p>
        </>
      )}
    </>
  );
}
