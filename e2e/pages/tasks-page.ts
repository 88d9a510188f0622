import type { Locator, Page } from 'playwright/test';

/** The plan: tasks on the board, the dialogs that add and change them, plans from files. */
export class TasksPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The card of a task that is not over yet, on the board. */
  card(title: string): Locator {
    return this.#page.getByRole('article').filter({ has: this.#page.getByRole('button', { name: title }) });
  }

  /** The word of a card's mark. */
  mark(title: string, word: string): Locator {
    return this.card(title).getByRole('img', { name: word, exact: true });
  }

  get dialog(): Locator {
    return this.#page.getByRole('dialog');
  }

  field(name: string): Locator {
    return this.dialog.getByLabel(name, { exact: true });
  }

  press(name: string): Promise<void> {
    return this.dialog.getByRole('button', { name, exact: true }).click();
  }

  /** Opens the task of a card. */
  async open(title: string): Promise<Locator> {
    await this.card(title).getByRole('button', { name: title }).click();
    await this.dialog.waitFor();
    return this.dialog;
  }

  /** Adds a task from the dialog. */
  async add(fields: Readonly<Record<string, string>>): Promise<void> {
    await this.#page.getByRole('main', { name: 'Tasks' }).press('n');
    for (const [name, text] of Object.entries(fields)) await this.field(name).fill(text);
    await this.press('Add task');
  }
}
