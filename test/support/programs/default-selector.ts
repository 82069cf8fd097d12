/** Prints the name of DefaultSelector, or why there is none, for test/selectors/kinds.test.ts. */
try {
  const { DefaultSelector } = await import("iomux/selectors");
  console.log(DefaultSelector.name);
} catch (error) {
  console.log((error as Error).message);
}
