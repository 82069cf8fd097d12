/** Resolves once the browser has handled what its user did meanwhile. A timeout would take four milliseconds. */
export function yield_to_browser(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
