import { useProject } from '../../app/current-project.ts';
import { clockTime } from '../../app/text.ts';
import { useCall } from '../../app/use-call.ts';
import { useHost } from '../../client/host-streams.ts';
import { Button } from '../../ui/button/Button.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Banner } from '../../ui/state/Banner.tsx';

/** What concerns all lanes: a worker that does not answer, a merge queue that stands still, a detour. */
export function LaneNotices() {
  const worker = useHost((host) => host?.worker);
  const project = useProject(
    (shown) =>
      shown && {
        id: shown.id,
        targetBranch: shown.targetBranch,
        detour: shown.detour,
        mergeProblem: shown.mergeProblem,
      },
  );
  const call = useCall();
  const detour = project?.detour ?? null;
  return (
    <>
      {worker?.state === 'unreachable' && (
        <Banner tone="stale" urgent className="view__notice" lead={<Mark shape="stale" label="Stale" />}>
          <div className="strong">The worker has not answered since {clockTime(worker.sinceMs)}.</div>
          <div className="secondary">{worker.reason} Lanes are shown as they were last heard.</div>
        </Banner>
      )}
      {project?.mergeProblem && (
        <Banner tone="failed" className="view__notice" lead={<Mark shape="failed" label="Failed" />}>
          {project.mergeProblem}
        </Banner>
      )}
      {project && detour !== null && (
        <Banner
          className="view__notice notice--caution"
          lead={<Icon name="branch" />}
          actions={
            <Button
              size="small"
              disabledReason={detour.canBringIn ? null : detour.because}
              onClick={() => void call('project.bringIn', { projectId: project.id })}
            >
              Bring in
            </Button>
          }
        >
          <div className="strong">
            <code>{detour.branch}</code> is {detour.aheadBy} {detour.aheadBy === 1 ? 'merge' : 'merges'} ahead of{' '}
            <code>{project.targetBranch}</code>.
          </div>
          <div className="secondary">{detour.because}</div>
        </Banner>
      )}
    </>
  );
}
