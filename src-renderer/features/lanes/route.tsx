import { useProject } from '../../app/current-project.ts';
import { lazyView } from '../../app/lazy-view.ts';
import type { Route } from '../../app/route.ts';
import { Badge } from '../../ui/label/Badge.tsx';

/** How many lanes are live, and how many of them wait for the person. */
function LaneCount() {
  const counts = useProject((project) => project?.counts);
  if (counts === undefined) return null;
  return (
    <>
      {counts.lanesWaiting > 0 && (
        <Badge tone="waiting" title={`${counts.lanesWaiting} need input`}>
          {counts.lanesWaiting}
        </Badge>
      )}
      {counts.lanesLive > 0 && <span className="plain">{counts.lanesLive}</span>}
    </>
  );
}

export const route: Route = {
  id: 'lanes',
  title: 'Lanes',
  icon: 'lanes',
  order: 1,
  shortcut: 'g l',
  view: lazyView(() => import('./LanesView.tsx')),
  Count: LaneCount,
};
