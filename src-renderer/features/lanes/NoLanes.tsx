import { useProject } from '../../app/current-project.ts';
import { goTo } from '../../app/location.ts';
import { useSpawn } from '../../app/SpawnButton.tsx';
import { Button } from '../../ui/button/Button.tsx';
import { Blank } from '../../ui/state/Blank.tsx';

/** The first thing to do when there are no lanes. */
export function NoLanes() {
  const { what, spawn, disabledReason } = useSpawn();
  const hasTasks = useProject((project) => (project?.counts.tasks ?? 0) > 0);

  return (
    <Blank
      roomy
      heading="h1"
      title="No lanes yet."
      actions={
        <>
          <Button
            size="small"
            variant={hasTasks ? 'primary' : 'default'}
            disabledReason={disabledReason}
            onClick={spawn}
          >
            Spawn {what}
          </Button>
          <Button size="small" variant={hasTasks ? 'default' : 'primary'} onClick={() => goTo('tasks')}>
            {hasTasks ? 'Show tasks' : 'Write or load tasks'}
          </Button>
        </>
      }
    >
      <p>A lane is one agent on one task in its own worktree.</p>
      {!hasTasks && <p>There are no tasks yet; spawned agents wait until there are.</p>}
    </Blank>
  );
}
