// What a package manager runs to install the package. Where an addon fits, it does nothing; where none
// does, it compiles one, for which a C++ compiler is all that it needs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(import.meta.url);
const { arch, env, platform } = process;

/** What installs a compiler, by the command that a system has for it. */
const INSTALLERS = {
  "xcode-select": "xcode-select --install",
  "apt-get": "apt-get install g++",
  apk: "apk add g++",
  dnf: "dnf install gcc-c++",
  pacman: "pacman -S gcc",
};

const words = (text = "") => text.split(/\s+/).filter((word) => word !== "");
const succeeds = (command, args, input = "") => spawnSync(command, args, { input }).status === 0;

/** What was compiled here, and the prebuilt ones for this system: see lib/native/addon-files.ts. */
function addon_files() {
  const folder = `prebuilds/${platform}-${arch}`;
  const prebuilt = existsSync(folder) ? readdirSync(folder) : [];
  const files = prebuilt.map((name) => `${folder}/${name}`);
  return ["build/Release/iomux.node", ...files].filter((file) => existsSync(file));
}

/** Why none of the addons that are there will do; null if one does. */
function why_none_loads() {
  const reasons = [];
  for (const file of addon_files()) {
    // In a process of its own, as an addon for another system may do worse than throw.
    const program = `process.dlopen({ exports: {} }, ${JSON.stringify(resolve(file))})`;
    const { status, signal, stderr } = spawnSync(process.execPath, ["-e", program], {
      encoding: "utf8",
    });
    if (status === 0) return null;
    const message = /^Error: (.*)$/m.exec(stderr)?.[1].replace(`${process.cwd()}/`, "");
    reasons.push(message ?? `loading ${file} ends Node.js with ${signal ?? status}`);
  }
  return reasons[0] ?? `there is no addon for ${platform} ${arch}`;
}

/** The words of the command: CXX, or the first of the usual names that knows C++20. */
function find_compiler() {
  const commands = env.CXX ? [env.CXX] : ["c++", "g++", "clang++"];
  const check = ["-std=c++20", "-fsyntax-only", "-x", "c++", "-"];
  return commands
    .map(words)
    .find(([name, ...args]) => succeeds(name, [...args, ...check], "#include <bit>\n"));
}

/** One call of the compiler, with what binding.gyp lists. */
function compile([name, ...args]) {
  const [{ sources, defines, cflags_cc }] = JSON.parse(readFileSync("binding.gyp", "utf8")).targets;
  const { include_dir } = require("node-api-headers");
  mkdirSync("build/Release", { recursive: true });
  const { status } = spawnSync(
    name,
    [
      ...args,
      ...cflags_cc,
      ...defines.map((define) => `-D${define}`),
      "-isystem",
      include_dir,
      "-fPIC",
      "-pthread",
      ...(platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"]),
      ...words(env.CXXFLAGS),
      ...sources,
      "-o",
      "build/Release/iomux.node",
      ...words(env.LDFLAGS),
    ],
    { stdio: "inherit" },
  );
  return status === 0;
}

/** Returns what is wrong, or null. */
function install() {
  if (platform === "win32") {
    return "it does not run on Windows: use the Windows Subsystem for Linux (WSL), https://aka.ms/wsl.";
  }
  const from_source = env.npm_config_build_from_source === "true";
  const reason = from_source ? "npm_config_build_from_source is set" : why_none_loads();
  if (reason === null) return null;
  const compiler = find_compiler();
  if (compiler === undefined) {
    const installer = Object.keys(INSTALLERS).find((name) => succeeds("which", [name]));
    const how = installer === undefined ? "" : `, with \`${INSTALLERS[installer]}\``;
    return `it must be compiled (${reason}): install a C++20 compiler${how}, or name one in CXX.`;
  }
  if (!compile(compiler)) return `${compiler.join(" ")} could not compile it: see above.`;
  const why = why_none_loads();
  return why === null ? null : `what was compiled does not load: ${why}.`;
}

const problem = install();
if (problem !== null) {
  console.error(`iomux: ${problem}`);
  process.exitCode = 1;
}
