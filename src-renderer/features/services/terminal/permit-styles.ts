import type { Disposable } from '#shared/base/disposable.ts';

/**
 * Lets the terminal write its styles under the page's content security policy, until it is disposed.
 * The policy allows style elements with the page's nonce, and styles as properties; xterm makes
 * style elements without one, and writes 24-bit colours as style attributes. It makes all its
 * elements by `document.createElement`, and knows of no other way to be told.
 */
export function permitStyles(page: Document): Disposable {
  const nonce = page.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? '';
  const createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element: HTMLElement = Document.prototype.createElement.call(page, name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    if (element instanceof HTMLSpanElement) writeStyleAsProperty(element);
    return element;
  };
  page.createElement = createElement as typeof page.createElement;
  return {
    dispose: () => {
      // The method that all documents have is below it. Another terminal may have put its own here since.
      if (page.createElement === createElement) Reflect.deleteProperty(page, 'createElement');
    },
  };
}

function writeStyleAsProperty(element: HTMLElement): void {
  element.setAttribute = (attribute: string, value: string): void => {
    if (attribute === 'style') element.style.cssText = value;
    else Element.prototype.setAttribute.call(element, attribute, value);
  };
}
