// Runs before anything is compiled, so that an unsupported system gets a sentence, not a page of
// compiler errors.
const supported = process.platform === "linux" && process.arch === "x64";

if (!supported) {
  console.error(
    `iomux runs on Linux x64 so far, and this is ${process.platform} ${process.arch}: nothing was installed.`,
  );
  process.exitCode = 1;
}
