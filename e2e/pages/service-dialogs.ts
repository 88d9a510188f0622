/** The dialogs of the services view: deploy, files, logs, terminal, load, resources. */
import type { Locator, Page } from 'playwright/test';

export class ServiceDialogs {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get dialog(): Locator {
    return this.#page.getByRole('dialog');
  }

  field(name: string): Locator {
    return this.dialog.getByLabel(name, { exact: true });
  }

  button(name: string | RegExp): Locator {
    return this.dialog.getByRole('button', { name, exact: typeof name === 'string' });
  }

  tab(name: string): Locator {
    return this.dialog.getByRole('tab', { name });
  }

  /** What a plan says. */
  get plan(): Locator {
    return this.dialog.getByRole('region', { name: 'Plan' });
  }

  /** The scrolled lines of a log. */
  get log(): Locator {
    return this.dialog.getByRole('region', { name: 'Log' });
  }

  /** The rows of a terminal, as they are drawn. */
  get screen(): Locator {
    return this.dialog.locator('.xterm-rows');
  }

  /** Fills the form of a new service with a port that is published where the host has one free. */
  async writeService(name: string, image: string, port: string | null): Promise<void> {
    await this.field('Name').fill(name);
    await this.field('Image').fill(image);
    if (port === null) return;
    await this.button('Add a port').click();
    await this.field('Container port').fill(port);
  }

  /** Closes the dialog by the keyboard, throwing away what was written. */
  async leave(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    const discard = this.button('Discard');
    if (await discard.isVisible()) await discard.click();
    await this.dialog.waitFor({ state: 'hidden' });
  }
}
