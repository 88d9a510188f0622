import type { ProjectView } from '#shared/contract/views.ts';
import { setUi, useUiState } from '../../app/ui-state.ts';
import { themeAfter } from '../../app/theme.ts';
import { ConnectionNotice } from '../../app/ConnectionNotice.tsx';
import { gantryVersion } from '#shared/contract/version.ts';
import { useProjects } from '../../client/host-streams.ts';
import { useHostNow } from '../../client/host-clock.ts';
import { Button } from '../../ui/button/Button.tsx';
import { IconButton } from '../../ui/button/IconButton.tsx';
import { Brand } from '../../ui/icon/Brand.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Kbd } from '../../ui/label/Kbd.tsx';
import { Banner } from '../../ui/state/Banner.tsx';
import { CraneArt } from './CraneArt.tsx';
import { MachineCard } from './MachineCard.tsx';
import { recentState } from './recent-state.ts';
import { showProject, useOpening } from './use-opening.ts';
import './welcome.css';

/** The first screen: open a repository, try the demo, and what this machine has. */
export default function Welcome() {
  const theme = useUiState((state) => state.theme);
  const { opening, problem, openPath, openDemo } = useOpening();
  const projects = useProjects((project) => project);
  return (
    <div className="first">
      <header className="first__bar">
        <span className="first__brand">
          <Brand />
          Gantry
        </span>
        <span className="grow" />
        <IconButton
          size="medium"
          icon={theme === 'light' ? 'sun' : theme === 'dark' ? 'moon' : 'theme'}
          label={`Theme: ${theme}`}
          onClick={() => setUi({ theme: themeAfter[theme] })}
        />
        <Button variant="quiet" icon="book" onClick={() => setUi({ overlay: 'help' })}>
          Shortcuts
        </Button>
      </header>
      <ConnectionNotice />
      <main className="first__main">
        <section className="start">
          <CraneArt />
          <h1>Open a repository to start.</h1>
          <p className="start__lead">
            Each agent gets a worktree and one task. Merges wait for their gates, and anything rolls back with one
            click. Your own checkout is never touched.
          </p>
          <div className="start__actions">
            <Button
              variant="primary"
              size="large"
              icon="folder"
              shortcut="mod+o"
              onClick={() => setUi({ overlay: 'open-repository' })}
            >
              Open a repository
            </Button>
            <Button
              size="large"
              icon="play"
              disabledReason={opening === null ? null : 'It is being opened.'}
              onClick={() => void openDemo()}
            >
              {opening === 'demo' ? 'Making the demo…' : 'Try the demo'}
            </Button>
          </div>
          {problem !== null && (
            <Banner tone="failed" urgent className="start__problem" lead={<Mark shape="failed" />}>
              {problem}
            </Banner>
          )}
          <p className="start__note">
            The demo brings a small repository with 8 tasks and 3 built-in demo agents. It needs nothing installed and
            sends nothing out.
          </p>
          {projects.length > 0 && (
            <div className="recents">
              <h2>Recent</h2>
              <ul>
                {projects.slice(0, 5).map((project) => (
                  <li key={project.id}>
                    <Recent project={project} onOpen={() => void openPath(project.path)} />
                  </li>
                ))}
              </ul>
            </div>
          )}
        </section>
        <MachineCard />
      </main>
      <footer className="first__foot tertiary">
        <span>Gantry {gantryVersion}</span>
        <span className="grow" />
        <span>
          <Kbd shortcut="mod+k" /> commands
        </span>
        <span>
          <Kbd shortcut="?" /> shortcuts
        </span>
      </footer>
    </div>
  );
}

function Recent({ project, onOpen }: { project: ProjectView; onOpen: () => void }) {
  const { shape, text } = recentState(project, useHostNow());
  return (
    <button type="button" className="recent" onClick={() => (project.available ? showProject(project.id) : onOpen())}>
      <Icon name="repo" />
      <span className="grow">
        <span className="recent__name strong">{project.name}</span>
        <span className="recent__path tertiary truncate">
          {project.path}, {project.targetBranch}
        </span>
      </span>
      <span className="recent__state">
        <Mark shape={shape} small />
        {text}
      </span>
    </button>
  );
}
