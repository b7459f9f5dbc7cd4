/** The house rules: floors, sizes, no outside host, types that are not stale, a lock file without addresses. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SRC = join(ROOT, "src");
/** From the ground up: a file imports from its own floor or a lower one. */
const FLOORS = ["wire", "model", "i18n", "map", "apps"];
const MOST_LINES = 400;
const MOST_FUNCTION_LINES = 70;

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => join(SRC, name));
const written = files.filter((file) => !file.endsWith("types.gen.ts"));
const text = (file: string): string => readFileSync(file, "utf8");
const floorOf = (file: string): number => FLOORS.indexOf(relative(SRC, file).split("/")[0] ?? "");

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:from|import)\s+"([^"]+)"/g)].flatMap((match) => match[1] ?? []);
}

/** Imports that point up, as `file -> import`. */
function climbs(file: string, source: string): string[] {
  return importsOf(source)
    .filter((name) => name.startsWith("."))
    .filter((name) => floorOf(resolve(dirname(file), name)) > floorOf(file))
    .map((name) => `${relative(SRC, file)} -> ${name}`);
}

describe("floors", () => {
  it("every file stands on one", () => {
    for (const file of files) expect(floorOf(file), file).toBeGreaterThanOrEqual(0);
  });

  it("imports point down", () => {
    expect(files.flatMap((file) => climbs(file, text(file)))).toEqual([]);
  });

  it("an import that points up is found", () => {
    expect(climbs(join(SRC, "model/planted.ts"), 'import { x } from "../map/view";')).toEqual(["model/planted.ts -> ../map/view"]);
  });

  it("apps do not import one another, and only the map knows MapLibre", () => {
    for (const file of written) {
      const [floor, app] = relative(SRC, file).split("/");
      for (const name of importsOf(text(file))) {
        if (name === "maplibre-gl") expect(floor, file).toBe("map");
        if (floor !== "apps" || !name.startsWith(".")) continue;
        const [toFloor, toApp] = relative(SRC, resolve(dirname(file), name)).split("/");
        if (toFloor === "apps") expect([app, "shared"], `${file} -> ${name}`).toContain(toApp);
      }
    }
  });
});

describe("tidiness", () => {
  it("modules and functions are small", () => {
    for (const file of written) {
      const lines = text(file).split("\n");
      expect(lines.length, file).toBeLessThanOrEqual(MOST_LINES);
      for (const [start, line] of lines.entries()) {
        const opens = /^(\s*)(export )?(async )?(function |(private |readonly |async )*\w+\(.*\).* \{$)/.exec(line);
        if (opens === null || !line.endsWith("{")) continue;
        const end = lines.findIndex((other, at) => at > start && other === `${opens[1] ?? ""}}`);
        expect(end - start, `${file}:${start + 1}`).toBeLessThan(MOST_FUNCTION_LINES);
      }
    }
  });

  it("every exported function says what it does", () => {
    for (const file of written) {
      const lines = text(file).split("\n");
      for (const [at, line] of lines.entries()) {
        if (/^export (async )?function /.test(line)) expect(lines[at - 1], `${file}:${at + 1}`).toMatch(/\*\/$/);
      }
    }
  });

  it("nothing is left to do, and nothing is silenced", () => {
    for (const file of written) expect(text(file), file).not.toMatch(/\bTODO\b|\bFIXME\b|@ts-ignore|@ts-expect-error|\bas any\b|eslint-disable/);
  });

  it("no address of another host is in the page", () => {
    const page = [...written, join(ROOT, "index.html"), join(ROOT, "wall.html"), ...readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".css")).map((name) => join(SRC, name))];
    for (const file of page) expect(text(file), file).not.toMatch(/https?:\/\/|\/\/[a-z]+\.[a-z]/i);
  });
});

describe("generated and locked", () => {
  it("types.gen.ts is what the schema says", async () => {
    const { generate } = (await import(/* @vite-ignore */ join(ROOT, "scripts/types.mjs"))) as { generate(): Promise<string> };
    expect(text(join(SRC, "wire/types.gen.ts")) === (await generate()), "stale: run `npm run types`").toBe(true);
  }, 60_000);

  it("the lock file has hashes and no address, and versions are exact", () => {
    const lock = JSON.parse(text(join(ROOT, "package-lock.json"))) as { packages: Record<string, { resolved?: string; integrity?: string }> };
    for (const [name, entry] of Object.entries(lock.packages)) {
      expect(entry.resolved, name).toBeUndefined();
      if (name !== "") expect(entry.integrity, name).toMatch(/^sha512-/);
    }
    const pack = JSON.parse(text(join(ROOT, "package.json"))) as Record<"dependencies" | "devDependencies", Record<string, string>>;
    for (const version of Object.values({ ...pack.dependencies, ...pack.devDependencies })) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
