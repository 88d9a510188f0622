/** The panel as a person has it before them: the shell around the views, and the way between them. */
import type { Locator, Page } from 'playwright/test';
import type { Host } from '../fixtures/host.ts';
import { ClusterPage } from './cluster-page.ts';
import { LanesPage } from './lanes-page.ts';
import { ServicesPage } from './services.ts';
import { TasksPage } from './tasks-page.ts';
import { TimelinePage } from './timeline-page.ts';
import { WelcomePage } from './welcome-page.ts';

export type ViewName = 'Lanes' | 'Tasks' | 'Cluster' | 'Services' | 'Timeline';

/** See the file's comment. Everything is found by role and name, as an assistive program finds it. */
export class Panel {
  #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Shows the panel of the app, and waits until there is something to see. */
  async open(host: Host): Promise<this> {
    this.#page = await host.runner.showPanel(this.#page);
    await this.heading.waitFor();
    return this;
  }

  get page(): Page {
    return this.#page;
  }

  get welcome(): WelcomePage {
    return new WelcomePage(this.page);
  }

  get lanes(): LanesPage {
    return new LanesPage(this.page);
  }

  get tasks(): TasksPage {
    return new TasksPage(this.page);
  }

  get timeline(): TimelinePage {
    return new TimelinePage(this.page);
  }

  get services(): ServicesPage {
    return new ServicesPage(this.page);
  }

  get cluster(): ClusterPage {
    return new ClusterPage(this.page);
  }

  /** The sentence over the view. */
  get heading(): Locator {
    return this.page.getByRole('heading', { level: 1 });
  }

  get main(): Locator {
    return this.page.getByRole('main');
  }

  get statusBar(): Locator {
    return this.page.getByRole('contentinfo');
  }

  get topBar(): Locator {
    return this.page.getByRole('banner');
  }

  /** What was last announced at the bottom left. */
  get toast(): Locator {
    return this.page.getByRole('status', { name: 'Announcements' });
  }

  get autoMerge(): Locator {
    return this.page.getByRole('switch', { name: /^Auto-merge/ });
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  async goTo(view: ViewName): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('link', { name: new RegExp(`^${view}`) })
      .click();
    await this.page.getByRole('main', { name: view }).waitFor();
    await this.heading.waitFor();
  }

  /** Spawns lanes of a kind from the top bar. */
  async spawn(agent: string, count: number): Promise<void> {
    const group = this.page.getByRole('group', { name: 'Spawn lanes' });
    await group.getByTitle('Agent kind').click();
    await this.#menuLine(new RegExp(`^${agent}`)).click();
    await group.getByTitle('How many').click();
    await this.#menuLine(new RegExp(`^× ${count}$`)).click();
    await group.getByRole('button', { name: 'Spawn', exact: true }).click();
  }

  /** A line of the menu that is open, whether it can be checked or not. */
  #menuLine(name: RegExp): Locator {
    const menu = this.page.getByRole('menu');
    return menu.getByRole('menuitem', { name }).or(menu.getByRole('menuitemcheckbox', { name }));
  }

  /** Runs the first command of the palette that fits the words. */
  async command(words: string): Promise<void> {
    await this.page.keyboard.press('Control+k');
    const palette = this.page.getByRole('dialog', { name: 'Search or run a command' });
    await palette.getByRole('combobox').fill(words);
    await palette.getByRole('option').first().waitFor();
    await this.page.keyboard.press('Enter');
    await palette.waitFor({ state: 'hidden' });
  }
}
