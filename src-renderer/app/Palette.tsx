import { Dialog } from '@base-ui/react/dialog';
import { Command } from 'cmdk';
import { useState } from 'react';
import { Icon } from '../ui/icon/Icon.tsx';
import { Kbd } from '../ui/label/Kbd.tsx';
import '../ui/overlay/dialog.css';
import '../ui/overlay/menu.css';
import { type Action, useOfferedActions } from './action-registry.ts';
import './palette.css';
import { rankActions } from './rank-actions.ts';
import { setUi, useUiState } from './ui-state.ts';

/** Every action that is offered now, found by its words. */
export function Palette() {
  const open = useUiState((state) => state.overlay === 'palette');
  return (
    <Dialog.Root open={open} onOpenChange={(next) => setUi({ overlay: next ? 'palette' : 'none' })}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="palette palette--placed" aria-label="Search or run a command">
          <PaletteList />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteList() {
  const [search, setSearch] = useState('');
  const actions = rankActions(useOfferedActions(), search);
  const groups = [...new Set(actions.map((action) => action.group))];
  return (
    <Command label="Commands" loop shouldFilter={false}>
      <div className="palette__input">
        <Icon name="search" />
        <Command.Input value={search} onValueChange={setSearch} placeholder="Search or run a command" />
      </div>
      <Command.List className="palette__list">
        {actions.length === 0 && (
          <div className="blank" role="presentation">
            <h2>Nothing matches “{search}”.</h2>
          </div>
        )}
        {groups.map((group) => (
          <Command.Group key={group} heading={group}>
            {actions
              .filter((action) => action.group === group)
              .map((action) => (
                <PaletteItem key={action.id} action={action} search={search} />
              ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}

function PaletteItem({ action, search }: { action: Action; search: string }) {
  const reason = action.disabledReason ?? null;
  const at = search === '' ? -1 : action.title.toLowerCase().indexOf(search.toLowerCase());
  return (
    <Command.Item
      className={action.danger ? 'menu__item menu__item--danger' : 'menu__item'}
      value={action.id}
      disabled={reason !== null}
      onSelect={() => {
        setUi({ overlay: 'none' });
        action.run();
      }}
    >
      {action.icon ? <Icon name={action.icon} /> : <span className="icon" />}
      <span>
        {at < 0 ? (
          action.title
        ) : (
          <>
            {action.title.slice(0, at)}
            <b>{action.title.slice(at, at + search.length)}</b>
            {action.title.slice(at + search.length)}
          </>
        )}
      </span>
      {reason !== null && <span className="menu__detail">{reason}</span>}
      {action.shortcut && <Kbd shortcut={action.shortcut} />}
    </Command.Item>
  );
}
