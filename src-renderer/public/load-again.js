/*
 * A browser drops what it is fetching when the machine's networks change, as they do when
 * containers start, and a page without one of its files stays empty or plain. Such a page is
 * loaded again, a few times at most. Classic and by itself, so that it runs whatever else is missing.
 */
(() => {
  const timesMax = 3;
  const pauseMs = 500;
  const storageKey = 'gantry.loads';
  const isEmpty = () => document.querySelector('#root')?.childElementCount === 0;
  let isDue = false;
  let lostSheet = false;

  const onError = (event) => {
    const { target } = event;
    const isFile = target instanceof HTMLScriptElement || target instanceof HTMLLinkElement;
    if (!isFile) return;
    lostSheet ||= target.rel === 'stylesheet';
    const times = Number(sessionStorage.getItem(storageKey) ?? 0);
    if (isDue || times >= timesMax) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      if (!isEmpty() && !lostSheet) return;
      sessionStorage.setItem(storageKey, String(times + 1));
      location.reload();
    }, pauseMs);
  };

  addEventListener('error', onError, true);
  addEventListener('load', () => {
    // Once something is shown, the next trouble is a new one.
    setTimeout(() => !isEmpty() && !lostSheet && sessionStorage.removeItem(storageKey), pauseMs);
  });
})();
