import { Brand } from '../ui/icon/Brand.tsx';
import { Icon } from '../ui/icon/Icon.tsx';
import { keyCaps } from '../ui/label/key-caps.ts';
import { usePanelLocation } from './location.ts';
import { routes } from './routes.ts';
import { setUi } from './ui-state.ts';

/** The views, at the left. */
export function Rail() {
  const { viewId } = usePanelLocation();
  return (
    <nav className="rail" aria-label="Views">
      <div className="rail__brand">
        <Brand />
        <span>Gantry</span>
      </div>
      <ul className="rail__list">
        {routes.map(({ id, title, icon, Count }) => (
          <li key={id}>
            <a className="rail__item" href={`#/${id}`} aria-current={id === viewId ? 'page' : undefined} title={title}>
              <Icon name={icon} />
              <span>{title}</span>
              {Count && (
                <span className="rail__count">
                  <Count />
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      <div className="rail__foot">
        <button
          type="button"
          className="rail__item"
          title={`Project settings (${keyCaps('mod+,')})`}
          onClick={() => setUi({ overlay: 'project-settings' })}
        >
          <Icon name="settings" />
          <span>Settings</span>
        </button>
      </div>
    </nav>
  );
}
