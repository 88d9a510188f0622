import { describe, expect, it } from 'vitest';
import { externalAddress, isPanelUrl } from './navigation-policy.ts';

describe('isPanelUrl', () => {
  it.each(['app://gantry', 'app://gantry/', 'app://gantry/index.html', 'app://gantry/#/lanes/lane-1'])(
    'lets %s in',
    (url) => {
      expect(isPanelUrl(url)).toBe(true);
    },
  );

  it.each([
    'app://gantry.evil.example/',
    'app://other/',
    'APP://gantry/',
    'https://gantry/',
    'file:///etc/passwd',
    'data:text/html,x',
    'about:blank',
    'javascript:alert(1)',
    '',
  ])('keeps %j out', (url) => {
    expect(isPanelUrl(url)).toBe(false);
  });
});

describe('externalAddress', () => {
  it('answers plain https addresses, as they were understood', () => {
    expect(externalAddress('https://example.com/a?b=c#d')).toBe('https://example.com/a?b=c#d');
    expect(externalAddress('https://EXAMPLE.com')).toBe('https://example.com/');
  });

  it.each([
    'http://example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'vscode://x',
    'smb://host/share',
    'https://user:secret@example.com',
    'https://',
    'example.com',
    '',
    `https://example.com/${'x'.repeat(2_048)}`,
  ])('refuses %j', (url) => {
    expect(externalAddress(url)).toBeNull();
  });
});
