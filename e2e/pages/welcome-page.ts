import type { Locator, Page } from 'playwright/test';

/** The first screen, and the dialog that opens a repository. */
export class WelcomePage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get tryTheDemo(): Locator {
    return this.#page.getByRole('button', { name: 'Try the demo' });
  }

  /** The card of what this machine has. */
  get machine(): Locator {
    return this.#page.getByRole('region').filter({ hasText: 'Control plane' });
  }

  /** One line of that card: an agent, Git, the Raft nodes. */
  found(name: string): Locator {
    return this.machine.getByRole('listitem').filter({ hasText: name });
  }

  /** A repository that was opened before. */
  recent(name: string): Locator {
    return this.#page.getByRole('listitem').getByRole('button', { name: new RegExp(`^${name}`) });
  }

  get dialog(): Locator {
    return this.#page.getByRole('dialog', { name: 'Open a repository' });
  }

  get folder(): Locator {
    return this.dialog.getByRole('textbox', { name: 'Folder' });
  }

  get problem(): Locator {
    return this.dialog.getByRole('alert');
  }

  async openDialog(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Open a repository' }).click();
    await this.dialog.getByRole('list').waitFor();
  }

  /** Types a path into the dialog and asks to open it. */
  async openPath(path: string): Promise<void> {
    await this.folder.fill(path);
    await this.dialog.getByRole('button', { name: 'Open repository' }).click();
  }
}
