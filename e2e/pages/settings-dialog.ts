/** The dialog in which a project is set. */
import type { Locator, Page } from 'playwright/test';

/** See the file's comment. */
export class SettingsDialog {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog', { name: 'Project settings' });
  }

  get gates(): Locator {
    return this.dialog.getByLabel('Commands, one a line');
  }

  get attempts(): Locator {
    return this.dialog.getByLabel('Attempts a task');
  }

  get reworks(): Locator {
    return this.dialog.getByLabel('Reworks a lane');
  }

  get stalledAfter(): Locator {
    return this.dialog.getByLabel('Stalled after');
  }

  get autoMerge(): Locator {
    return this.dialog.getByRole('checkbox', { name: 'Merge lanes when all gates pass' });
  }

  get saveButton(): Locator {
    return this.dialog.getByRole('button', { name: 'Save settings' });
  }

  /** Opens it with its shortcut. */
  async open(): Promise<this> {
    await this.page.keyboard.press('Control+,');
    await this.dialog.waitFor();
    return this;
  }

  /** Saves what is right, and waits until the dialog is gone. */
  async save(): Promise<void> {
    await this.saveButton.click();
    await this.dialog.waitFor({ state: 'hidden' });
  }
}
