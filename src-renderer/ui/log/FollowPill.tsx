import { Icon } from '../icon/Icon.tsx';
import './follow-pill.css';

/** Says whether the end is followed, and leads back to it. */
export function FollowPill({
  following,
  ended,
  onFollow,
}: {
  following: boolean;
  ended: boolean;
  onFollow: () => void;
}) {
  if (ended && following) return <span className="log__tail">Ended</span>;
  return (
    <button type="button" className="log__tail" aria-pressed={following} onClick={onFollow}>
      <Icon name="down" small />
      {following ? 'Following' : 'To the end'}
    </button>
  );
}
