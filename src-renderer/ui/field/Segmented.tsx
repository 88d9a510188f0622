import { Icon, type IconName } from '../icon/Icon.tsx';
import './tabs.css';

/** One of a few ways to see the same thing. */
export function Segmented<Id extends string>({
  label,
  items,
  chosen,
  onChoose,
}: {
  label: string;
  items: readonly { readonly id: Id; readonly label: string; readonly icon?: IconName }[];
  chosen: Id;
  onChoose: (id: Id) => void;
}) {
  return (
    <div className="segmented" role="group" aria-label={label}>
      {items.map((item) => (
        <button key={item.id} type="button" aria-pressed={item.id === chosen} onClick={() => onChoose(item.id)}>
          {item.icon && <Icon name={item.icon} small />}
          {item.label}
        </button>
      ))}
    </div>
  );
}
