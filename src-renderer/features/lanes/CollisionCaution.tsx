import type { Collision } from '#shared/contract/views.ts';
import { Caution } from '../../ui/label/Caution.tsx';

/** With what a lane collides: the first place, and how many more there are. */
export function CollisionCaution({ collisions }: { collisions: readonly Collision[] }) {
  const [first] = collisions;
  if (first === undefined) return null;
  return (
    <Caution icon="collide">
      <span>
        <span className="roomy">collides with </span>
        {collisionName(first)} in <code>{first.path}</code>
        {collisions.length > 1 && ` and ${collisions.length - 1} more`}
      </span>
    </Caution>
  );
}

/** "lane 7", or the target branch. */
export function collisionName(collision: Collision): string {
  return collision.laneNumber === null ? 'the target' : `lane ${collision.laneNumber}`;
}
