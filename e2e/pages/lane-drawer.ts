import type { Locator, Page } from 'playwright/test';

/** One lane: its head, its tabs, and the line in which it is talked to. */
export class LaneDrawer {
  readonly #page: Page;
  readonly root: Locator;

  constructor(page: Page, root: Locator) {
    this.#page = page;
    this.root = root;
  }

  button(name: string): Locator {
    return this.root.getByRole('button', { name, exact: true });
  }

  /** The word of the lane's mark, beside its title. */
  mark(word: string): Locator {
    return this.root.getByRole('img', { name: word, exact: true }).first();
  }

  get composer(): Locator {
    return this.root.getByRole('textbox');
  }

  /** Chooses a tab and answers its content. */
  async tab(name: 'Events' | 'Log' | 'Diff' | 'Gates'): Promise<Locator> {
    await this.root.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
    return this.root.getByRole('region', { name });
  }

  get events(): Locator {
    return this.root.getByRole('region', { name: 'Events' });
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.#page.keyboard.press('Enter');
  }
}
