/** Collects what a page complains about, which no test may leave unseen. */
import type { BrowserContext } from 'playwright/test';

/**
 * What the console may say: the browser's own words about a connection that a test cuts on purpose,
 * and about the machine's networks, which come and go with containers; the panel asks again then.
 */
const expectedOfConnections =
  /WebSocket connection to .* failed|net::ERR_CONNECTION_(REFUSED|RESET)|net::ERR_NETWORK_CHANGED/;

/** Runs in the page, as text: this file is compiled without the browser's types. */
const reportViolations = `document.addEventListener('securitypolicyviolation', (event) =>
  window.reportViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));`;

/** Adds to `complaints` what pages of `context` say from their next load on. */
export async function collectComplaints(context: BrowserContext, complaints: string[]): Promise<void> {
  context.on('console', (message) => {
    if (message.type() === 'error' && !expectedOfConnections.test(message.text()))
      complaints.push(`console: ${message.text()}`);
  });
  context.on('weberror', (uncaught) => complaints.push(`uncaught: ${uncaught.error().message}`));
  await context.exposeFunction('reportViolation', (text: string) => complaints.push(`policy: ${text}`));
  await context.addInitScript({ content: reportViolations });
}
