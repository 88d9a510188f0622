import type { ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import { Icon } from '../icon/Icon.tsx';
import './field.css';
import '../data/key.css';

/** A choice that takes effect with the form it stands in. */
export function Checkbox({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <label className="key">
      <input className="sr" type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span className={classNames('box', checked && 'box--on')}>{checked && <Icon name="check" />}</span>
      {children}
    </label>
  );
}
