import { Suspense } from 'react';
import { Bones } from '../ui/state/Bones.tsx';
import { ConnectionNotice } from './ConnectionNotice.tsx';
import { usePanelLocation } from './location.ts';
import { Rail } from './Rail.tsx';
import { routes } from './routes.ts';
import { StatusBar } from './StatusBar.tsx';
import { TopBar } from './TopBar.tsx';
import { ViewBoundary } from './ViewBoundary.tsx';
import './shell.css';

/** The window around a view. */
export function Shell() {
  const { viewId } = usePanelLocation();
  const route = routes.find((each) => each.id === viewId) ?? routes[0];
  const View = route?.view;
  return (
    <div className="app">
      <a className="skip" href="#view" onClick={(event) => skipTo(event)}>
        Skip to the view
      </a>
      <Rail />
      <TopBar />
      <main className="view" id="view" tabIndex={-1} aria-label={route?.title}>
        <ConnectionNotice />
        <ViewBoundary key={route?.id}>
          <Suspense fallback={<Bones />}>{View && <View />}</Suspense>
        </ViewBoundary>
      </main>
      <StatusBar />
    </div>
  );
}

/** The address's hash names the view, so the link must not change it. */
function skipTo(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#view')?.focus();
}
