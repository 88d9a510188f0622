import type { ServiceView } from '#shared/contract/service-views.ts';
import { classNames } from '../../../ui/class-names.ts';
import { Mark } from '../../../ui/icon/Mark.tsx';
import { Tag } from '../../../ui/label/Tag.tsx';
import { statusLook } from '../service-status.ts';
import { nodeFacts, nodeTag } from '../service-words.ts';
import { openService } from '../services-view-state.ts';
import { useShownWhenChosen } from '../use-shown-when-chosen.ts';

/** One service in the graph. A press opens it. */
export function ServiceNode({
  service,
  boxKey,
  isSelected,
  onFocusChange,
}: {
  service: ServiceView;
  boxKey: string;
  isSelected: boolean;
  onFocusChange: (isFocused: boolean) => void;
}) {
  const element = useShownWhenChosen<HTMLButtonElement>(service.id);
  const look = statusLook(service.status);
  const tag = nodeTag(service);
  const facts = nodeFacts(service);
  return (
    <button
      ref={element}
      type="button"
      className={classNames(
        'node node--service',
        isSelected && 'is-selected',
        service.status === 'stale' && 'node--stale',
        service.status === 'failed' && 'node--failed',
        service.status === 'waiting' && 'node--waiting',
      )}
      data-box={boxKey}
      aria-pressed={isSelected}
      title={service.sentence}
      onClick={() => openService(service.id)}
      onFocus={() => onFocusChange(true)}
      onBlur={() => onFocusChange(false)}
    >
      <Mark small shape={look.shape} label={look.word} />
      <span className="node__name truncate">{service.name}</span>
      {tag === null ? <span /> : <Tag {...(tag.tone === null ? {} : { tone: tag.tone })}>{tag.word}</Tag>}
      <small title={facts.main}>
        {facts.main}
        {facts.more !== '' && <span className="wide">{facts.more}</span>}
      </small>
    </button>
  );
}
