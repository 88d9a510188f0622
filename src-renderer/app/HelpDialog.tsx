import { Kbd } from '../ui/label/Kbd.tsx';
import { Dialog } from '../ui/overlay/Dialog.tsx';
import { useOfferedActions } from './action-registry.ts';
import './palette.css';
import { setUi, useUiState } from './ui-state.ts';

/** The shortcuts of all that is offered now. */
export function HelpDialog() {
  const open = useUiState((state) => state.overlay === 'help');
  const actions = useOfferedActions().filter((action) => action.shortcut !== undefined);
  const groups = [...new Set(actions.map((action) => action.group))];
  return (
    <Dialog open={open} onClose={() => setUi({ overlay: 'none' })} title="Shortcuts">
      <div className="help">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>
              {actions
                .filter((action) => action.group === group)
                .map((action) => (
                  <li key={action.id}>
                    {action.title}
                    {action.shortcut !== undefined && <Kbd shortcut={action.shortcut} />}
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
