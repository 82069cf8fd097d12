/** docs/lesson.md: its commands make what it talks about, and its slides ask its questions. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { Command } from "./support/commands.ts";
import { TOOL } from "./support/iomux-command.ts";
import { has_epoll } from "./support/system.ts";
import { needs } from "./support/tools.ts";

const lesson = readFileSync("docs/lesson.md", "utf8");
const slides = readFileSync("docs/lesson-slides.md", "utf8");

/** The commands of its code blocks. */
function commands(): string[] {
  return Array.from(lesson.matchAll(/^```sh\n(.*?)^```$/gms), ([, text]) => text);
}

/** Runs them, with the scripts as test/support/setup.ts has compiled them, in a folder that has what they name. */
async function run(text: string, folder: string): Promise<string> {
  const tool = JSON.stringify(join(process.cwd(), TOOL));
  const marp = JSON.stringify(join(process.cwd(), "node_modules/.bin/marp"));
  const shell = `
    set -e
    cd ${JSON.stringify(folder)}
    npx() {
      case $1 in
        iomux) shift; ${JSON.stringify(process.execPath)} ${tool} "$@" ;;
        marp) shift; ${marp} --no-stdin "$@" ;;
        *) return 1 ;;
      esac
    }
    ${text.replaceAll(/(scripts\/[\w-]+)\.ts/g, "$1.js")}`;
  const { status, stdout, stderr } = await new Command(["bash", "-c", shell]).ended;
  expect(status, stderr).toBe(0);
  return stdout + stderr;
}

// It compares epoll with the others.
test.runIf(has_epoll)(
  "its commands make its pages, with the troubles that it explains, and its slides",
  async () => {
    needs("strace");
    needs("python3");
    const folder = mkdtempSync(join(tmpdir(), "iomux-lesson-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    symlinkSync(join(process.cwd(), "docs"), join(folder, "docs"));
    symlinkSync(join(process.cwd(), "build-test/scripts"), join(folder, "scripts"));
    const [preparation, course] = commands();
    const said = await run(preparation, folder);
    const pages = readdirSync(folder).filter((name) => name.endsWith(".html"));
    const named = new Set(Array.from(lesson.matchAll(/`([\w-]+\.html)`/g), ([, name]) => name));
    expect(new Set(pages)).toEqual(new Set([...named, "slides.html"]));
    // What was said of each page, in turn.
    const parts = said.split(/written to (\S+)\n/);
    const of = (page: string): string => parts[parts.indexOf(page) - 1];
    expect(of("1-echo.html")).not.toContain("trouble");
    expect(of("3-spin.html")).toMatch(/The loop spins: \d+,\d{3} wake-ups/);
    expect(of("4-app.html")).not.toContain("trouble");
    expect(of("5-short.html")).toMatch(/\d+ sends? took fewer bytes than given/);
    expect(of("6-kinds.html")).not.toContain("no call was recorded");
    const begun = await run(course, folder);
    expect(begun).toContain("Six servers");
    expect(begun).toContain("iomux-course/spin/server.ts");
    // A title and a slide for each chapter, and for the class's own.
    const chapters = lesson.match(/^## (?:\d:\d\d|The class)/gm)!;
    const pictures = readFileSync(join(folder, "slides.html"), "utf8").match(/<section\b/g);
    expect(pictures).toHaveLength(1 + chapters.length);
  },
  120_000,
);

/** The numbers of its questions. */
function numbers(text: string): string[] {
  return Array.from(text.matchAll(/^> (\d)\. /gm), ([, number]) => number);
}

test("has an answer for each question, which the slides ask as well", () => {
  const answers = lesson.slice(lesson.indexOf("## Answers"), lesson.indexOf("## If a recording"));
  const answered = Array.from(answers.matchAll(/^(\d)\. /gm), ([, number]) => number);
  expect(numbers(lesson)).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(answered).toEqual(numbers(lesson));
  expect(numbers(slides)).toEqual(numbers(lesson));
});

test("shows pictures that are there", () => {
  const pictures = Array.from(lesson.matchAll(/\]\((images\/.*?)\)/g), ([, path]) => path);
  expect(pictures.length).toBeGreaterThan(2);
  const images = readdirSync("docs/images").map((name) => `images/${name}`);
  expect(images).toEqual(expect.arrayContaining(pictures));
});
