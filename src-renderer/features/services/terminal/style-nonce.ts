/**
 * The terminal writes style elements, which the page's content security policy allows only with
 * the page's nonce. It makes all its elements through one document that it can be given: this one
 * is the page's, and gives each style element the nonce.
 */
export function documentWithNonce(page: Document): Document {
  const nonce = page.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? '';
  const createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = page.createElement(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    // A style attribute is refused where the same set as properties is not.
    element.setAttribute = (attribute: string, value: string): void => {
      if (attribute === 'style') element.style.cssText = value;
      else Element.prototype.setAttribute.call(element, attribute, value);
    };
    return element;
  };
  return new Proxy(page, {
    get(target, key) {
      if (key === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}
